"""Articles: revisions, nobody overwritten, safe HTML, found by words."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.models import Article
from kb.rendering import to_html
from kb.services import write_article
from tests.outbox.conftest import at_once, many_connections
from tickets.errors import Conflict, Invalid

__all__ = ["many_connections"]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://e.example/x.png)",
        "<img src=x onerror=alert(1)>", "[x](data:text/html,hi)", "<svg onload=alert(1)>",
        "[x](vbscript:a)", "<a href='javascript:alert(1)'>x</a>",
    ],
)  # fmt: skip
def test_dangerous_markdown_is_inert(source: str) -> None:
    html = to_html(source).lower()
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


def test_each_save_is_a_revision_and_a_stale_one_is_refused(
    cast: SimpleNamespace, now: Any
) -> None:
    article = write_article(title="One", body="first", now=now, author=cast.ana)
    write_article(
        title="One", body="second", now=now, article=article, expected_version=1, author=cast.ben
    )
    with pytest.raises(Conflict):
        write_article(title="One", body="lost", now=now, article=article, expected_version=1)
    assert [row.body for row in article.revisions.all()] == ["second", "first"]


def test_two_articles_of_one_title_get_two_addresses(db: None, now: Any) -> None:
    first = write_article(title="Same", body="x", now=now)
    second = write_article(title="Same", body="y", now=now)
    assert (first.slug, second.slug) == ("same", "same-2")


def test_search_needs_every_word_in_title_or_text(db: None, now: Any) -> None:
    write_article(title="Lamp", body="It hums at night", now=now, state="published")
    write_article(title="Hub", body="It sleeps at night", now=now, state="published")
    found = Article.objects.published().saying("night lamp")
    assert [article.title for article in found] == ["Lamp"]


@pytest.mark.django_db(transaction=True)
def test_many_articles_of_one_title_at_once_each_get_an_address(
    now: Any, many_connections: int
) -> None:
    count = min(many_connections, 12)
    made = at_once([lambda: write_article(title="Same", body="x", now=now)] * count)
    assert len({article.slug for article in made}) == count


def test_an_address_that_is_taken_is_refused_at_its_field(db: None, now: Any) -> None:
    write_article(title="One", body="x", slug="one", now=now)
    with pytest.raises(Invalid) as refusal:
        write_article(title="Two", body="x", slug="one", now=now)
    assert refusal.value.field == "slug"
    assert Article.objects.count() == 1
