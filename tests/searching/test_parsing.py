"""What people type, taken apart: never an exception, and a sentence for what cannot be used."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.searching.moments import span
from tickets.searching.parsing import MOST_TEXT, Clause, clean, read
from tickets.searching.vocabulary import ALIASES, OPERATORS
from tickets.searching.words import Term

# What the grammar turns on comes up often.
TYPED = st.text(
    st.one_of(st.sampled_from(list("\"“”«»-:*, \t\n\0.<>/'()&|!~\\%_aé٣")), st.characters()),
    max_size=80,
)
PIECES = st.lists(
    st.one_of(TYPED, st.sampled_from([f"{name}:" for name in [*OPERATORS, *ALIASES]])), max_size=12
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lamp", [Term("lamp")]),
        ("lamp cable", [Term("lamp"), Term("cable")]),
        ('"wrong lamp"', [Term("wrong lamp", is_phrase=True)]),
        ("“wrong lamp”", [Term("wrong lamp", is_phrase=True)]),
        ('"never closed', [Term("never closed", is_phrase=True)]),
        ("-lamp", [Term("lamp", is_left_out=True)]),
        ('-"wrong lamp"', [Term("wrong lamp", is_phrase=True, is_left_out=True)]),
        ("flick*", [Term("flick", is_beginning=True)]),
        ("well-known", [Term("well-known")]),
        ("12:30", [Term("12:30")]),
        ("https://example.com/a:b", [Term("https://example.com/a:b")]),
        ("Re: lamp", [Term("Re:"), Term("lamp")]),
        ("from:carla", [Clause("from", ("carla",))]),
        ('from:"Carla Costa"', [Clause("from", ("Carla Costa",))]),
        ('FROM:"Costa, Carla"', [Clause("from", ("Costa, Carla",))]),
        ("assignee:me", [Clause("to", ("me",))]),
        ("-tag:vip", [Clause("tag", ("vip",), True)]),
        ("status:open,,pending,", [Clause("status", ("open", "pending"))]),
        ("opened:>2026-01-01", [Clause("opened", (">2026-01-01",))]),
        ("- ! \" ' * …", []),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: list[Term | Clause]) -> None:
    wanted = read(typed)
    assert [part.meant for part in wanted.parts] == meant
    assert wanted.problems == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("status:", "«status:» needs its value right after the colon, such as status:active."),
        (
            "from: carla",
            '«from:» needs its value right after the colon, such as from:"Carla Costa".',
        ),
        ("tag:,,", "«tag:» needs its value"),
        ("statsu:open", "«statsu:» is not an operator. Did you mean status:?"),
        ("prio:high", "«prio:» is not an operator. Did you mean priority:?"),
        ("after:2026-11-25", "«after:» is not an operator. Did you mean opened:>2026-11-25?"),
        ("Since:2026-11", "Did you mean opened:>=2026-11?"),
        ("before:Yesterday", "Did you mean opened:<yesterday?"),
        ("until:2026", "Did you mean opened:<=2026?"),
        ("after:7d", "Did you mean opened:?"),
        ("error:disk", 'To look for the words, write "error:disk".'),
        ("a*", "write at least 2 letters before the *"),
    ],
)
def test_what_cannot_be_used_is_said(typed: str, said: str) -> None:
    assert said in " ".join(read(typed).problems)


@pytest.mark.parametrize("sign", ["OR", "AND", "NOT"])
def test_signs_of_other_search_boxes_are_explained_and_words_once_quoted(sign: str) -> None:
    wanted = read(f"lamp {sign} hub")
    assert wanted.terms == [Term("lamp"), Term("hub")]
    (said,) = wanted.problems
    assert said.startswith(f"«{sign}» is ")
    quoted = read(f'lamp "{sign}" hub')
    assert Term(sign, is_phrase=True) in quoted.terms
    assert not quoted.problems
    for meant_as_word in (f"READ {sign} CONFIRM", f"lamp {sign.lower()} hub"):
        assert len(read(meant_as_word).terms) == 3


@pytest.mark.parametrize("typed", ["error:disk", "late:x", "owner:ana", "in:x"])
def test_where_no_operator_is_near_none_is_proposed(typed: str) -> None:
    (problem,) = read(typed).problems
    assert "Did you mean" not in problem


@pytest.mark.parametrize("name", ["after", "since", "before", "until"])
def test_what_is_proposed_for_a_day_is_understood(name: str) -> None:
    (problem,) = read(f"{name}:2026-11-25").problems
    proposed = problem.partition("Did you mean ")[2].partition("?")[0]
    (clause,) = read(proposed).clauses
    assert clause.name == "opened"
    assert span(clause.values[0], now=datetime(2026, 11, 26, tzinfo=UTC), zone=ZoneInfo("UTC"))


def test_a_part_can_be_taken_out_again() -> None:
    wanted = read('lamp -"a b" status:open,new')
    rest = [wanted.without(part) for part in wanted.parts]
    assert rest == ['-"a b" status:open,new', "lamp status:open,new", 'lamp -"a b"']


@given(PIECES)
def test_whatever_is_typed_is_read_and_nothing_is_raised(pieces: list[str]) -> None:
    text = "".join(pieces)
    wanted = read(text)
    assert len(clean(text)) <= MOST_TEXT
    for part in wanted.parts:
        assert part.typed.strip()
        assert not set(part.typed) & set("\0\n\r")
    assert all(problem.endswith(".") for problem in wanted.problems)


@given(PIECES)
def test_what_was_understood_is_understood_so_again(pieces: list[str]) -> None:
    wanted = read("".join(pieces))
    again = read(" ".join(part.typed for part in wanted.parts))
    assert [part.meant for part in again.parts] == [part.meant for part in wanted.parts]
    assert again.problems == ()


@given(st.sampled_from(sorted(OPERATORS)), st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
def test_every_operator_takes_its_value_bare_and_quoted(name: str, value: str) -> None:
    for typed in (f"{name}:{value}", f'{name}:"{value}"', f"{name.upper()}:{value}"):
        assert [part.meant for part in read(typed).parts] == [Clause(name, (value,))]
