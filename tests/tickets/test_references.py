"""References and reply tokens."""

import pytest

from tickets.references import (
    ALPHABET,
    check_token,
    new_reference,
    normalise,
    references_in,
    reply_token,
)

KEY = "a-key-that-only-we-know"


def test_a_reference_is_short_and_made_of_letters_without_doubles() -> None:
    drawn = {new_reference() for _ in range(500)}
    assert len(drawn) == 500
    for reference in drawn:
        assert reference.startswith("HD-")
        assert len(reference) == 9
        assert set(reference[3:]) <= set(ALPHABET)
    for one, other in ("0O", "1I", "1L", "2Z", "5S", "8B", "UV"):
        assert not {one, other} <= set(ALPHABET)


def test_references_do_not_follow_one_another() -> None:
    first, second = (sorted(new_reference() for _ in range(50)) for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    "typed",
    ["HD-7K3M9Q", "hd-7k3m9q", " hd 7k3m9q ", "HD7K3M9Q", "7K3M9Q", "#HD-7K3M9Q", "[HD-7K3M9Q]",
     "HD 7K3 M9Q", "HD–7K3M9Q", "ＨＤ－７Ｋ３Ｍ９Ｑ"],
)  # fmt: skip
def test_a_reference_is_understood_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "HD-7K3M9Q"


@pytest.mark.parametrize(
    ("typed", "meant"), [("HD-O1ILSB", "HD-011158"), ("hd-uzuzuz", "HD-V2V2V2")]
)
def test_look_alikes_are_forgiven(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "HD-", "HD-7K3M9", "HD-7K3M9QQ", "XX-7K3M9Q", "HD-7K3M9%", "7" * 41, "HD-7К3М9Q"]
)
def test_what_is_no_reference_is_refused(typed: str) -> None:
    assert normalise(typed) is None


def test_references_are_found_in_a_subject_once_each() -> None:
    text = "Re: AW: [HD-7K3M9Q] and hd-7k3m9q, not XHD-7K3M9Q or HD-7K3M9QQ; also HD-AAAAAA"
    assert references_in(text) == ["HD-7K3M9Q", "HD-AAAAAA"]


def test_a_token_opens_its_own_ticket_and_survives_a_change_of_case() -> None:
    token = reply_token(KEY, "HD-7K3M9Q")
    assert len(token) <= 40
    for spelling in (token, token.lower(), token.upper(), f" {token} "):
        assert check_token(KEY, spelling) == "HD-7K3M9Q"


@pytest.mark.parametrize(
    "token",
    ["", ".", "HD-7K3M9Q", "HD-7K3M9Q.", "HD-7K3M9Q.aaaaaaaaaaaaaaaa", "HD-7K3M9Q.é", "x" * 5000,
     "HD-7K3M9Q.\ud800" + "a" * 15],
)  # fmt: skip
def test_a_made_up_token_opens_nothing(token: str) -> None:
    assert check_token(KEY, token) is None


def test_a_token_of_one_ticket_or_key_does_not_open_another() -> None:
    signature = reply_token(KEY, "HD-7K3M9Q").partition(".")[2]
    assert check_token(KEY, f"HD-AAAAAA.{signature}") is None
    assert check_token("another key", reply_token(KEY, "HD-7K3M9Q")) is None
