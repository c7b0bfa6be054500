"""Markdown: safe, bounded; in a message no word is lost and every line end holds."""

import re
import time
from collections import Counter
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.rendering import message_html, message_parts, to_html

DANGEROUS = [
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://e.example/x.png)",
    "<img src=x onerror=alert(1)>", "[x](data:text/html,hi)", "<svg onload=alert(1)>",
    "[x](vbscript:a)", "<a href='javascript:alert(1)'>x</a>", "<javascript:alert(1)>",
]  # fmt: skip


@pytest.mark.parametrize("render", [to_html, message_html])
@pytest.mark.parametrize("source", DANGEROUS)
def test_dangerous_markdown_is_inert(source: str, render: Callable[[str], str]) -> None:
    html = render(source).lower()
    for sign in ("<script", "<img", "<svg", 'href="javascript', 'href="data', 'href="vbscript'):
        assert sign not in html


@given(st.text(max_size=400))
@settings(max_examples=60)
def test_any_text_renders(source: str) -> None:
    assert "<script" not in to_html(source)


def test_deep_nesting_and_huge_texts_are_bounded() -> None:
    assert len(to_html("> " * 5000 + "x")) < 100_000
    assert "too long to show" in to_html("word " * 30_000)


@pytest.mark.parametrize("piece", ["![", "[", "[a](", "![](", "[a][", "|a\n|-\n", "<![CDATA["])
def test_no_article_takes_long(piece: str) -> None:
    started = time.process_time()
    html = to_html((piece * 100_000)[:100_000])
    assert time.process_time() - started < 3
    assert "too long to show" in html or "[" not in piece.replace("<!", "")


def test_two_thousand_links_are_shown() -> None:
    assert to_html("[a](/kb/a/) " * 2_000).count("<a ") == 2_000


@pytest.mark.parametrize(
    "address", ["//evil.example", r"\\\\evil.example", r"/\\evil.example", "///evil.example",
                "/%5Cevil.example", "<//evil.example>"],
)  # fmt: skip
def test_an_address_that_only_looks_like_ours_is_no_link(address: str) -> None:
    assert "<a" not in to_html(f"[x]({address})\n\n[y][]\n\n[y]: {address}")
    assert "<a" in to_html("[x](/kb/articles/)")


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


# What begins a block, marks words, leads or nests. Behind three backticks stands a language, no word.
MARKED = st.lists(
    st.sampled_from(
        ["word", "other", " ", "\n", "\n\n", "    ", "- ", "> ", "# ", "1. ", "**", "_", "`", "[", "]",
         "](", ")", "!", "|", "---", "===", "<b>", "&copy;", ":", "\\", "https://a.example/x", "~~~\n"]
    ),
    max_size=40,
).map("".join).filter(lambda text: "```" not in text)  # fmt: skip


@given(MARKED)
@settings(max_examples=200)
def test_a_message_loses_no_word_whatever_its_marks(source: str) -> None:
    html = message_html(source)
    # Within an address a word stands twice: where it leads, and what is read.
    assert Counter(re.findall("word|other", source)) <= Counter(re.findall("word|other", html))


@given(MARKED, st.integers(1, 12))
@settings(max_examples=100)
def test_a_message_in_two_parts_is_the_whole(source: str, lines: int) -> None:
    assert "".join(message_parts(source, lines=lines, size=60)) == message_html(source)


@pytest.mark.parametrize(
    "source",
    ["    indented\n", "Title\n===", "[note]: https://a.example/", "![a plan](https://a.example/p.png)",
     "a &copy; b", "| a | b |\n|---|---|\n| c | d | e |", "> " * 50 + "deep", "- " * 50 + "deep",
     "[" * 2_500 + "many", "x" * 100_001],
    ids=lambda source: source[:12].strip(),
)  # fmt: skip
def test_what_markdown_would_swallow_is_shown_as_typed(source: str) -> None:
    seen = text_of(message_html(source))
    typed = source.replace("https://a.example/p.png", "")  # where a picture lies is in its link
    assert re.findall(r"\w+", seen) == re.findall(r"\w+", typed)


def test_line_ends_hold_and_bare_addresses_lead() -> None:
    html = message_html("Hello,\nsee https://a.example/a_b_c?x=1&y=2.\n(http://b.example)")
    assert html.count("<br>") == 2
    assert 'href="https://a.example/a_b_c?x=1&amp;y=2"' in html
    assert 'href="http://b.example"' in html


def test_an_address_in_code_or_in_a_link_is_left_alone() -> None:
    assert "<a" not in message_html("`https://a.example`")
    assert message_html("[https://a.example](https://b.example)").count("<a ") == 1


def test_a_list_keeps_the_number_it_begins_with() -> None:
    assert '<ol start="3">' in message_html("3. Third\n4. Fourth")
    assert '<ol start="3">' in to_html("3. Third\n4. Fourth")


def test_a_heading_of_a_message_lies_below_the_title_of_the_page() -> None:
    assert message_html("# A\n\n## B\n\n#### C").split() == [
        "<h2>A</h2>",
        "<h3>B</h3>",
        "<h4>C</h4>",
    ]


def test_direction_overrides_are_not_in_it() -> None:
    assert "\u202e" not in message_html("a\u202eb") + message_html("\u202e" + "> " * 50)


@pytest.mark.parametrize(
    "piece", ["![", "[", "[a](", "*a", "> ", "- ", "`", "<a", "https://", "a_"]
)
def test_no_message_takes_long(piece: str) -> None:
    started = time.process_time()
    message_html((piece * 100_000)[:100_000])
    assert time.process_time() - started < 3
