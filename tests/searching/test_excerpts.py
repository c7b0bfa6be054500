"""Excerpts: the text as it is, in order, the hits marked where the words stand."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.searching.excerpts import LENGTH, excerpt, marked
from tickets.searching.words import Term
from tickets.views.found import as_html

TEXT = st.text(
    st.one_of(st.sampled_from(list("lamp cable é<>&\"'\n ")), st.characters()), max_size=900
)
TERMS = st.lists(
    st.builds(Term, st.text(min_size=1, max_size=12), is_beginning=st.booleans()), max_size=4
)


def hits(text: str, *terms: Term) -> list[str]:
    return [piece.text for piece in marked(text, terms) if piece.is_hit]


def test_words_are_marked_whatever_their_case_and_accents() -> None:
    assert hits("A Lamp, a LÀMP, lamps and e\u0301mile", Term("lamp"), Term("émile")) == [
        "Lamp",
        "LÀMP",
        "e\u0301mile",
    ]


def test_phrases_addresses_and_beginnings_are_marked_whole() -> None:
    assert hits("the wrong lamp; wrong, lamp", Term("wrong lamp", is_phrase=True)) == [
        "wrong lamp",
        "wrong, lamp",
    ]
    assert hits("ask carla@acme.example now", Term("carla@acme.example")) == ["carla@acme.example"]
    assert hits("it flickers and flicked", Term("flick", is_beginning=True)) == [
        "flickers",
        "flicked",
    ]
    assert hits("a wrong lamp", Term("lamp"), Term("wrong lamp")) == ["wrong lamp"]


def test_the_stretch_with_most_of_the_words_is_chosen() -> None:
    text = "lamp " + "and so on " * 60 + "here the lamp needs a cable " + "and so on " * 60
    said = "".join(piece.text for piece in excerpt(text, [Term("lamp"), Term("cable")]))
    assert "here the lamp needs a cable" in said
    assert said.startswith("… ")
    assert said.endswith(" …")


def test_a_short_text_is_shown_whole_and_flat() -> None:
    assert [*excerpt("One\n\n  two", [])] == [("One two", False)]


def test_markup_in_a_text_stays_text() -> None:
    html = as_html(marked("<mark>lamp</mark><script>x</script>", [Term("lamp"), Term("script")]))
    assert html == (
        "&lt;mark&gt;<mark>lamp</mark>&lt;/mark&gt;&lt;<mark>script</mark>&gt;x"
        "&lt;/<mark>script</mark>&gt;"
    )


@given(TEXT, TERMS)
def test_a_marked_text_is_the_text(text: str, terms: list[Term]) -> None:
    assert "".join(piece.text for piece in marked(text, terms)) == text


@given(TEXT, TERMS)
def test_an_excerpt_is_a_stretch_of_the_text_and_not_long(text: str, terms: list[Term]) -> None:
    flat = " ".join(text.split())
    pieces = [piece for piece in excerpt(text, terms) if piece.text not in {"… ", " …"}]
    assert "".join(piece.text for piece in pieces) in flat
    assert sum(len(piece.text) for piece in pieces) <= LENGTH


@given(TEXT, TERMS)
def test_shown_as_html_nothing_but_marks_is_markup(text: str, terms: list[Term]) -> None:
    html = as_html(excerpt(text, terms)).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in html
    assert ">" not in html
