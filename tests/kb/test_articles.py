"""Articles: revisions, nobody overwritten, found by words."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kb.models import Article
from kb.services import write_article
from tests.outbox.conftest import at_once, many_connections
from tickets.errors import Conflict, Invalid

__all__ = ["many_connections"]


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


def test_an_article_that_could_not_be_set_is_refused_at_its_text_with_why(
    cast: SimpleNamespace, client: Client
) -> None:
    client.force_login(cast.ada)
    address = reverse("admin:kb_article_add")
    fields = {"title": "Lists", "audience": "staff", "state": "draft", "body": "- a\n" * 20_000,
              "revisions-TOTAL_FORMS": 0, "revisions-INITIAL_FORMS": 0}  # fmt: skip
    page = client.post(address, fields).content.decode()
    assert "lines and marks" in page
    assert "Make two articles of it." in page
    assert not Article.objects.exists()
    assert client.post(address, fields | {"body": "- a\n" * 50}).status_code == 302
