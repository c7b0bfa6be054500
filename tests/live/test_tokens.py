"""Tokens and messages: nothing forged, ended or cut opens anything; what is told says nothing."""

import base64
import json

import pytest

from tickets.live import topics
from tickets.live.tokens import LONGEST, Grant, read, sign
from tickets.live.topics import Kind, Message, merged, unpacked

SECRET = "s" * 50
GRANT = Grant(7, frozenset({"user:7", "team:3", "ticket:12"}), 1000)


def test_a_token_says_who_may_hear_what_until_when() -> None:
    assert read(sign(GRANT, SECRET), SECRET, now=999) == GRANT


def test_a_token_that_has_ended_opens_nothing() -> None:
    assert read(sign(GRANT, SECRET), SECRET, now=1000) is None


def test_a_token_of_another_installation_opens_nothing() -> None:
    assert read(sign(GRANT, "t" * 50), SECRET, now=0) is None


@pytest.mark.parametrize("topic", ["team:4", "all", "ticket:13"])
def test_nobody_gives_themselves_another_topic(topic: str) -> None:
    _, _, seal = sign(GRANT, SECRET).partition(".")
    said = json.dumps([7, 1000, ["user:7", topic]]).encode()
    body = base64.urlsafe_b64encode(said).rstrip(b"=").decode()
    assert read(f"{body}.{seal}", SECRET, now=0) is None


@pytest.mark.parametrize(
    "token", ["", ".", "a.b", "é.ü", "x" * (LONGEST + 1), sign(GRANT, SECRET)[:-1], "\x00.\x00"]
)
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert read(token, SECRET, now=0) is None


def test_a_message_arrives_as_it_was_sent() -> None:
    message = Message(Kind.CHANGED, frozenset({"team:3"}), "HD-ABC234", 4, 99)
    assert unpacked(message.packed()) == message


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'["x",[],"",1,1]', b"[1,2,3,4,5]"])
def test_what_is_no_message_is_passed_over(raw: bytes) -> None:
    assert unpacked(raw) is None


def test_browsers_are_told_reference_and_version_and_nothing_else() -> None:
    said = json.loads(
        Message(Kind.CHANGED, frozenset({"team:3"}), "HD-ABC234", 4, 99).told(300, 1000)
    )
    assert said == {
        "reference": "HD-ABC234",
        "version": 4,
        "event": 99,
        "within": 300,
        "calm": 1000,
    }


def test_what_happens_to_one_ticket_in_a_moment_is_told_once_as_it_ended() -> None:
    first = Message(Kind.CHANGED, frozenset({topics.team(1), topics.ticket(5)}), "HD-ABC234", 4, 90)
    then = Message(Kind.CHANGED, frozenset({topics.team(2), topics.ticket(5)}), "HD-ABC234", 5, 91)
    other = Message(Kind.NOTICE, frozenset({topics.person(1)}))
    another = Message(Kind.NOTICE, frozenset({topics.person(2)}))
    told = merged([first, other, then, another])
    assert told == [
        Message(Kind.CHANGED, first.topics | then.topics, "HD-ABC234", 5, 91), other, another,
    ]  # fmt: skip
