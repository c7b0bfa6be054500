"""Articles that fit a ticket, unasked: by the words that say something, best first, few queries."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kb.fitting import rarity, stems, weights
from kb.models import Article
from kb.services import write_article
from kb.suggesting import suggested
from tests.factories import customer_writes, ticket
from tests.upgrading import Upgrade
from tickets.models import Draft, Ticket
from tickets.services import triage


def test_forms_of_a_word_are_one_and_words_that_say_nothing_are_none() -> None:
    assert list(stems("Refunds, REFUNDED and the refund!")) == ["refund", "refund", "refund"]
    assert list(stems("the this Émile's glass")) == ["emile", "glass"]


def test_a_word_of_the_title_weighs_more_and_the_hundredth_time_little() -> None:
    its = weights("Lamp", "hum " + "glow " * 100)
    assert its["lamp"].is_in_title
    assert its["lamp"].weight > its["hum"].weight
    assert its["glow"].weight < 2.2
    assert rarity(1, 100) > rarity(50, 100) > rarity(100, 100) > 0


def written(now: datetime, **articles: str) -> None:
    for title, body in articles.items():
        write_article(title=title.replace("_", " "), body=body, now=now, state="published")


def titles(one: Ticket) -> list[str]:
    return [each.title for each in suggested(one)]


@pytest.fixture
def library(db: None, now: datetime) -> None:
    written(
        now,
        Humming_lamps="A lamp hums where its transformer is loose. Turn the screw until it is quiet.",
        Refunds="Money goes back to the card it came from, within five days.",
        Parcels="Where a parcel is: the number of the shipment says it.",
        Opening_hours="We are there from nine to five, and answer mail within a day.",
        Passwords="A new password is made with the link on the page of the log-in.",
    )


def test_the_best_comes_first_by_subject_and_the_last_message(
    cast: SimpleNamespace, library: None, now: datetime
) -> None:
    one = ticket(cast, now)
    assert titles(one)[0] == "Humming lamps"
    customer_writes(
        one, now + timedelta(hours=1), "Then I want a refund: the money back on my card."
    )
    assert set(titles(one)) == {"Humming lamps", "Refunds"}


def test_nothing_is_suggested_where_nothing_fits_and_nothing_that_is_not_published(
    cast: SimpleNamespace, library: None, now: datetime
) -> None:
    assert titles(ticket(cast, now, subject="Hello", body="Please call me.")) == []
    Article.objects.filter(title="Humming lamps").update(state="draft")
    assert "Humming lamps" not in titles(ticket(cast, now))


def test_a_revision_is_found_by_its_words_and_no_more_by_the_old_ones(
    cast: SimpleNamespace, library: None, now: datetime
) -> None:
    lamps = Article.objects.get(title="Humming lamps")
    write_article(
        title="Kettles", body="They boil over.", now=now, article=lamps, state="published"
    )
    assert titles(ticket(cast, now)) == []
    assert titles(ticket(cast, now, subject="My kettle", body="boils")) == ["Kettles"]


def test_one_word_in_the_text_alone_is_no_fit(
    cast: SimpleNamespace, library: None, now: datetime
) -> None:
    assert titles(ticket(cast, now, subject="Oh", body="The transformer.")) == []


def test_at_most_five_are_suggested_in_as_many_queries_for_thirty_as_for_three(
    cast: SimpleNamespace, library: None, now: datetime
) -> None:
    one, counts = ticket(cast, now), []
    for start, end in ((0, 3), (3, 30)):
        written(now, **{f"Lamp_{n}": "It hums, they say." for n in range(start, end)})
        written(now, **{f"Other_{n}": "Nothing of the kind." for n in range(start, end * 2)})
        with CaptureQueriesContext(
            connection,
        ) as made:
            found = suggested(one)
        counts.append(len(made))
    assert len(found) == 5
    assert counts[0] == counts[1] <= 5


def test_the_panel_quotes_what_is_for_everybody_and_gives_only_the_place_of_the_rest(
    cast: SimpleNamespace, library: None, now: datetime, client: Client
) -> None:
    Article.objects.filter(title="Refunds").update(audience="public")
    one = ticket(cast, now, subject="Refund for a humming lamp", body="x")
    client.force_login(cast.ana)
    panel = client.get(reverse("articles-panel", args=[one.reference])).content.decode()
    assert 'data-insert="Money goes back' in panel
    assert 'data-insert="Humming lamps (http://testserver/kb/humming-lamps/)"' in panel
    assert "Turn the screw" not in panel
    assert f"/kb/new/article/?ticket={one.reference}" in panel


def test_read_in_place_an_article_is_its_text_alone(
    cast: SimpleNamespace, library: None, client: Client
) -> None:
    client.force_login(cast.ana)
    text = client.get("/kb/refunds/", headers={"HX-Request": "true"}).content.decode()
    assert "Money goes back" in text
    assert "<html" not in text


def test_without_scripts_its_button_puts_the_words_into_the_draft(
    cast: SimpleNamespace, library: None, now: datetime, client: Client
) -> None:
    Article.objects.filter(title="Refunds").update(audience="public")
    one = ticket(cast, now)
    client.force_login(cast.ana)
    address = reverse("article-words", args=[one.reference, "refunds"])
    page = client.post(address, follow=True).content.decode()
    assert "«Refunds» is in your reply." in page
    assert Draft.objects.get().body.startswith("Money goes back")


def test_on_a_closed_ticket_and_for_who_only_advises_nothing_is_put_in(
    cast: SimpleNamespace, library: None, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    triage.involve(ticket=one, user=cast.max, because="Lamps", now=now)
    address = reverse("article-words", args=[one.reference, "refunds"])
    client.force_login(cast.max)
    assert client.post(address).status_code == 403
    panel = client.get(reverse("articles-panel", args=[one.reference])).content.decode()
    assert "Humming lamps" in panel
    assert "data-insert" not in panel
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    client.force_login(cast.ana)
    client.post(address)
    assert not Draft.objects.exists()


def test_a_strangers_ticket_has_no_panel(
    cast: SimpleNamespace, library: None, now: datetime, client: Client
) -> None:
    secret = ticket(cast, now, team=cast.billing)
    client.force_login(cast.ana)
    assert client.get(reverse("articles-panel", args=[secret.reference])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_articles_written_before_are_found_after_the_upgrade(
    upgrade: Upgrade, now: datetime
) -> None:
    old = upgrade.to(("kb", "0002_choices_are_held_by_the_database"))
    article = old.get_model("kb", "Article").objects.create(
        title="Lamps", slug="lamps", state="published", version=2, updated_at=now
    )
    revisions = old.get_model("kb", "Revision").objects
    revisions.create(article=article, number=1, body="kettle", at=now)
    revisions.create(article=article, number=2, body="They hum.", at=now)
    new = upgrade.to(("kb", "0003_drafts_and_words_that_fit"))
    rows = new.get_model("kb", "ArticleWord").objects.order_by("word")
    assert list(rows.values_list("word", "is_in_title")) == [("hum", False), ("lamp", True)]
