"""Markdown: safe, bounded; in a message no word is lost and every line end holds."""

import re
import sys
import time
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.rendering import message_html, message_parts, to_html, too_much

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


@pytest.mark.parametrize(
    "source",
    [">" * 25 + "a\n" + "b\n" * 50_000, "a|b\n-|-\n" * 12_500, "- a\n" * 25_000, "*_" * 50_000,
     "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + "|\n" * 30_000],
    ids=["quotes", "tables", "entries", "marks", "cells"],
)  # fmt: skip
def test_an_article_of_marks_is_shown_as_it_was_typed_and_its_author_told_why(source: str) -> None:
    started = time.process_time()
    html = to_html(source)
    assert time.process_time() - started < 1
    assert "shown as it was typed" in html
    assert re.search(r"[\d,]+ lines and marks, such as .*; 15,000 is the most", too_much(source))


@pytest.mark.parametrize(
    "source",
    ["> " * 18 + "a\n" + "b\n" * 14_000, "- " * 9 + "a\n" + "b\n" * 14_000, "- a\n" * 7_400,
     "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + "|\n" * 7_000],
)  # fmt: skip
def test_what_is_just_allowed_takes_no_long_time_either(source: str) -> None:
    started = time.process_time()
    to_html(source)
    assert time.process_time() - started < 4


def test_nothing_of_an_article_is_lost_that_lies_too_deep() -> None:
    seven, eight = (
        "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(deep)) for deep in (7, 8)
    )
    assert too_much(seven) == ""
    assert "<li>level 6" in to_html(seven)
    assert "seven lists deep is the most" in too_much(eight)
    assert "- level 7" in to_html(eight)
    assert "<li>" not in to_html(eight)
    assert "lie too deep" in too_much("> " * 5000 + "x")


def test_an_author_is_told_of_more_brackets_than_are_read() -> None:
    assert too_much("[a](/kb/a/) " * 2_000) == ""
    assert "2,001 opening brackets; 2,000 is the most" in too_much("[a](/kb/a/) " * 2_001)


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


def read(html: str) -> str:
    """What is read, and behind the words of a link where they lead."""

    def told(link: re.Match[str]) -> str:
        address, seen = unquote(unescape(link[1])), unquote(text_of(link[2]))
        return link[2] if address == seen else f"{link[2]} {link[1]}"

    return text_of(re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', told, html, flags=re.DOTALL))


def is_doubled(text: str) -> bool:
    """Whether an address leads to itself: who reads it once has read it."""
    return bool(re.search(r"\[(https?://[^\[\]]*)\]\(\1\)", unquote(text)))


def words(text: str) -> list[str]:
    return re.findall("word|other", text)


# What begins a block, marks words, leads or nests.
MARKED = st.lists(
    st.sampled_from(
        ["word", "other", " ", "\n", "\n\n", "    ", "- ", "> ", "# ", "1. ", "**", "_", "`", "[", "]",
         "](", ")", "!", "|", "---", "===", "<b>", "&copy;", ":", "\\", "https://a.example/x", "~~~",
         "```", '"', "](/", "<", ">", "](https://a.example/", "](mailto:", "https://[", "{", "%77"]
    ),
    max_size=40,
).map("".join).filter(lambda text: not is_doubled(text))  # fmt: skip


@given(MARKED)
@settings(max_examples=300)
def test_every_word_of_a_message_is_read_once_and_in_its_place(source: str) -> None:
    assert words(read(message_html(source))) == words(source)


@given(MARKED)
@settings(max_examples=100)
def test_no_backslash_is_lost(source: str) -> None:
    assert text_of(message_html(source)).count("\\") == source.count("\\")


@given(MARKED, st.integers(1, 12))
@settings(max_examples=200)
def test_a_message_in_two_parts_loses_no_word(source: str, lines: int) -> None:
    parts = message_parts(source, lines=lines, size=60)
    assert words(read("".join(parts))) == words(source) or not any(parts)


@pytest.mark.parametrize(
    "source",
    ["``` Please call me back today", "~~~ Thanks", "- ``` Please\n  call", "```python\nprint()\n```"],
)  # fmt: skip
def test_what_stands_behind_a_fence_is_read(source: str) -> None:
    assert re.findall(r"\w+", text_of(message_html(source))) == re.findall(r"\w+", source)


def test_what_follows_a_fence_with_its_language_is_no_code() -> None:
    assert message_html("```python\nprint()\n```\n\nBye") == (
        "<pre><code>python\nprint()\n</code></pre>\n<p>Bye</p>\n"
    )


@pytest.mark.parametrize(
    "source",
    ["[](https://a.example/plan)", "[ ](https://a.example/plan)", "[\u200d](https://a.example/plan)",
     '[plan](https://a.example/x "until Friday")', "[plan](/path)", "[plan](plan.html)", "[plan](#a)",
     "[plan]()", "[plan](<>)", "[plan](ftp://a.example/)", "[plan](http://[::1)", "<Note:plan>",
     "[plan](https://999.999.999.999/)", "[a <https://a.example/%70lan>](https://b.example)",
     "Ana <ana@a.example>"],
)  # fmt: skip
def test_a_link_that_hides_words_or_leads_nowhere_stays_as_typed(source: str) -> None:
    html = message_html(source)
    assert text_of(html).strip() == source or "b.example" in source
    assert read(html).replace(" ", "").count("plan") == source.count("plan")
    assert html.count("<a ") == html.count("<a href=") == html.count('<a href="http')
    assert "title" not in html


@pytest.mark.parametrize(
    "source",
    [r"\\server\share", r"C:\_tmp\_new_", r"D:\*.txt and E:\*.txt", r"C:\[old]\(new)", "C:\\", "a\\\nb",
     r"\`x\`", r"\\server\C$\#1\!x", "https://a.example/_next_/*a*/__init__"],
)  # fmt: skip
def test_no_sign_of_a_path_is_lost(source: str) -> None:
    assert text_of(message_html(source)).strip() == source


def test_a_mark_behind_a_backslash_marks_nothing() -> None:
    assert message_html(r"3 \* 4 and *5 \* 6*") == r"<p>3 \* 4 and <em>5 \* 6</em></p>" + "\n"


def test_words_and_an_absolute_address_are_a_link() -> None:
    assert 'href="https://a.example/x_(y)"' in message_html("[*the* plan](https://a.example/x_(y))")
    assert 'href="mailto:ana@a.example"' in message_html("[Ana](mailto:ana@a.example)")
    marked = message_html("**https://a.example/** _http://b.example_")
    assert re.findall(r'href="([^"]*)"', marked) == ["https://a.example/", "http://b.example"]
    assert "<strong><a" in marked


def test_an_answer_below_a_quote_is_no_part_of_it() -> None:
    html = message_html("> Is it red?\nYes.")
    assert html.split("</blockquote>")[1].strip() == "<p>Yes.</p>"


def test_quotes_are_folded_in_the_conversation_and_open_in_the_mail() -> None:
    source = "Yes.\n\nOn Monday Ana wrote:\n> > old\n> new\n\n- > mine\n"
    shown, rest = message_parts(source, lines=40, size=3_000)
    fold = '<details class="quote"><summary>Quoted text</summary><p>On Monday Ana wrote:</p>'
    assert fold in shown.replace("\n", "")
    assert shown.count("<details") == shown.count("</details>") == 1
    assert rest == ""
    assert "<details" not in message_html(source)
    assert message_html("<details><summary>x</summary>").count("<details") == 0


@pytest.mark.parametrize(
    "source",
    ["\n".join(f"line{n}" for n in range(900)), "\n".join(f"- line{n}" for n in range(900)),
     "Log:\n```\n" + "\n".join(f"line{n}" for n in range(900)) + "\n```\nBye",
     "\n".join(f"{n + 1}. line{n}" for n in range(900)),
     "\n\n".join(f"line{n}" for n in range(450)), "> q\n" * 300 + "\n" + "line0\n" * 900],
    ids=["paragraph", "list", "code", "numbers", "paragraphs", "below a quote"],
)  # fmt: skip
def test_nine_hundred_lines_fold_after_forty(source: str) -> None:
    shown, rest = message_parts(source, lines=40, size=3_000)
    assert 18 <= len(re.findall("line", shown)) <= 40
    typed = re.findall(r"line\d+", source)
    assert re.findall(r"line\d+", text_of(f"{shown} {rest}")) == typed
    assert '<li value="41">' in rest or "1. " not in source[:3]


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


def test_every_entry_of_a_message_keeps_its_number() -> None:
    assert re.findall(r'<li value="(\d+)">', message_html("1. a\n2. b\n4. d\n010. j")) == [
        "1", "2", "4", "10",
    ]  # fmt: skip


def test_a_heading_of_a_message_lies_below_the_title_of_the_page() -> None:
    assert message_html("# A\n\n## B\n\n#### C").split() == [
        "<h2>A</h2>",
        "<h3>B</h3>",
        "<h4>C</h4>",
    ]


def test_direction_overrides_are_not_in_it() -> None:
    assert "\u202e" not in message_html("a\u202eb") + message_html("\u202e" + "> " * 50)


PIECES = [
    "![", "https://[", "https://a)", "[a](http://[", "[a](http://a(b)", "*a\n- ",
    "[", "[a](", "*a", "> ", "- ", "`", "<a", "https://", "a_", "x\n", "- a\n", "1. > a\n",
    "- - - a\n", "**a", "# a\n", "[a](http://a) ", "http://a ", ">\n\n", "a`", "x\n\n", "&<", "~~~\n",
]  # fmt: skip
NESTED = ["> " * 25 + "x\n", "> " * 30, "- " * 6 + "x\n", "> " * 9 + "x\n", "- > " * 3 + "x\n"]


@pytest.mark.parametrize(
    "source",
    ["".join(["https://[" * 20 + "é" * 1_700 + " "] * 50)]
    + [(piece * size)[:size] for piece in PIECES + NESTED for size in (24_000, 100_000)]
    + [piece + "x\n" * size for piece in NESTED for size in (11_000, 30_000)]
    + ["[" * 2_000 + sign * 98_000 for sign in ":a]"],
    ids=lambda source: f"{source[:12].strip()} {len(source)}",
)
def test_no_message_is_much_work(source: str) -> None:
    """About 0.2 s; the greatest of these took 6 s once."""
    assert calls_of(message_html, source) < 2_000_000


def calls_of(render: Callable[[str], str], source: str) -> int:
    """How many calls it takes: the same on a busy machine and a quiet one."""
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        render(source[:100_000])
    finally:
        sys.setprofile(None)
    return calls
