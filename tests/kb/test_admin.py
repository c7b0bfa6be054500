"""What an admin reads while writing articles and offers."""

import html
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kb.models import Article
from kb.offers.models import Authority, Budget, LedgerEntry, Offer
from kb.offers.months import month_of
from kb.services import write_article
from tests.kb.conftest import Offers, give
from tests.outbox.conftest import at_once, many_connections
from tickets.people.models import ExchangeRate, User

__all__ = ["many_connections"]


@pytest.fixture
def ada(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ada)
    return client


@pytest.fixture
def article(cast: SimpleNamespace, now: datetime) -> Article:
    return write_article(title="Lamps", body="They hum.", now=now, author=cast.ana)


def typed(article: Article, **fields: str) -> dict[str, Any]:
    """The change form of ``article`` as it was read, with ``fields`` typed over."""
    return {
        "title": article.title, "body": "They hum.", "audience": article.audience,
        "state": article.state, "read_version": article.version,
        "revisions-TOTAL_FORMS": 0, "revisions-INITIAL_FORMS": 0,
    } | fields  # fmt: skip


def save(ada: Client, article: Article, **fields: str) -> Any:
    address = reverse("admin:kb_article_change", args=[article.pk])
    return ada.post(address, typed(article, **fields), follow=True)


def page(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_the_address_of_an_article_is_shown_and_cannot_be_typed_over(
    ada: Client, article: Article
) -> None:
    form = page(ada.get(reverse("admin:kb_article_change", args=[article.pk])))
    assert 'name="slug"' not in form
    assert "links to it keep working" in form
    save(ada, article, slug="other", body="They shine.")
    article.refresh_from_db()
    assert (article.slug, article.version) == ("lamps", 2)


def test_what_somebody_saved_meanwhile_is_not_overwritten(
    ada: Client, article: Article, now: datetime
) -> None:
    write_article(title="Lamps", body="They glow.", now=now, article=article, expected_version=1)
    stale = Article(pk=article.pk, title="Lamps", audience="staff", state="draft", version=1)
    for read in ("1", ""):
        answer = save(ada, stale, body="They shine.", read_version=read)
        assert "Somebody saved this article while you wrote" in page(answer)
    assert [row.body for row in article.revisions.all()] == ["They glow.", "They hum."]


def keep(ada: Client, offer: Offer, **fields: str) -> str:
    """Saves ``offer`` as it is but for ``fields``; returns what the admin reads next."""
    rows = list(offer.authorities.all())
    said: dict[str, Any] = {
        "name": offer.name, "kind": offer.kind, "unit": offer.unit, "currency": offer.currency,
        "least": offer.least, "most": offer.most, "piece_value": offer.piece_value or "",
        "situations": [each.pk for each in offer.situations.all()], "words": offer.words,
        "active": "on", "authorities-TOTAL_FORMS": len(rows),
        "authorities-INITIAL_FORMS": len(rows),
    }  # fmt: skip
    for place, row in enumerate(rows):
        said |= {
            f"authorities-{place}-{name}": value
            for name, value in {
                "id": row.pk, "offer": offer.pk, "role": row.role, "most": row.most
            }.items()
        }  # fmt: skip
    address = reverse("admin:offers_offer_change", args=[offer.pk])
    answer = ada.post(address, said | fields, follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    return page(answer)


def test_an_offer_that_somebody_may_give_is_saved_without_a_warning(
    ada: Client, offers: Offers
) -> None:
    assert "Nobody may give" not in keep(ada, offers["Credit"])


def test_an_offer_that_no_authority_covers_is_saved_with_a_warning(
    ada: Client, offers: Offers
) -> None:
    credit = offers["Credit"]
    assert "Nobody may give Credit" in keep(ada, credit, least="500", **deleted(2, 3))
    credit.refresh_from_db()
    assert credit.least == 500
    credit.authorities.all().delete()
    assert "Nobody may give Credit" in keep(ada, credit)


def test_an_authority_whose_month_is_less_than_the_least_covers_nothing(
    ada: Client, offers: Offers
) -> None:
    Authority.objects.filter(offer=offers["Credit"]).update(most_a_month="0.50")
    said = keep(
        ada, offers["Credit"], **{f"authorities-{n}-most_a_month": "0.50" for n in range(4)}
    )
    assert "Nobody may give Credit" in said


def deleted(*places: int) -> dict[str, str]:
    return {f"authorities-{place}-DELETE": "on" for place in places}


def test_an_authority_of_a_role_that_nobody_has_covers_nothing(ada: Client, offers: Offers) -> None:
    Authority.objects.filter(offer=offers["Credit"]).exclude(role="expert").delete()
    Authority.objects.create(offer=offers["Credit"], role="expert", most=500)
    assert "Nobody may give" not in keep(ada, offers["Credit"])
    User.objects.filter(role="expert").update(is_active=False)
    assert "Nobody may give Credit" in keep(ada, offers["Credit"])


def test_the_fields_of_an_offers_words_are_listed_where_they_are_written(
    ada: Client, offers: Offers
) -> None:
    told = page(ada.get(reverse("admin:offers_offer_change", args=[offers["Refund"].pk])))
    for name in ("{first_name}", "{order}", "{amount}", "{order_part}"):
        assert name in told.partition("Fields that are filled in:")[2]
    script = page(ada.get(reverse("admin:scripts_script_add")))
    assert "{order}" in script
    assert "{amount}" not in script


def test_a_currency_without_a_rate_is_hinted_at_its_field_and_when_saved(
    ada: Client, offers: Offers, now: datetime
) -> None:
    credit = offers["Credit"]
    hint = "No exchange rate is known for EUR"
    assert hint in keep(ada, credit, currency="EUR")
    change = reverse("admin:offers_offer_change", args=[credit.pk])
    assert hint in page(ada.get(change))
    ExchangeRate.objects.create(currency="EUR", rate="1.1", valid_from=now.date())
    assert hint not in page(ada.get(change))
    assert hint not in keep(ada, Offer.objects.get(pk=credit.pk))


@pytest.mark.django_db(transaction=True)
def test_what_is_granted_while_an_admin_saves_the_budget_stays_counted(
    cast: SimpleNamespace, offers: Offers, broken: Any, many_connections: int
) -> None:
    now = timezone.now()
    budget = Budget.objects.create(team=cast.support, month=month_of(now), amount=Decimal(1000))
    tickets = [broken() for _ in range(many_connections // 2)]
    address = reverse("admin:offers_budget_change", args=[budget.pk])
    granting = [
        lambda ticket=ticket: give(ticket, offers["Credit"], "1", cast.ana, now).state
        for ticket in tickets
    ]
    saving = []
    for number in range(len(tickets)):
        client = Client()
        client.force_login(cast.ada)
        fields = {"amount": str(900 + number)}
        saving.append(lambda client=client, fields=fields: client.post(address, fields).status_code)
    at_once([deed for pair in zip(granting, saving, strict=True) for deed in pair])
    budget.refresh_from_db()
    assert LedgerEntry.objects.count() == len(tickets)
    assert budget.spent == len(tickets)


def test_a_budget_that_is_being_spent_keeps_its_team_and_its_month(
    ada: Client, cast: SimpleNamespace
) -> None:
    budget = Budget.objects.create(team=cast.support, month=date(2026, 3, 1), amount=Decimal(100))
    fields = {"team": cast.billing.pk, "month": "2026-04-01", "amount": "120"}
    ada.post(reverse("admin:offers_budget_change", args=[budget.pk]), fields)
    budget.refresh_from_db()
    assert (budget.team, budget.month, budget.amount) == (cast.support, date(2026, 3, 1), 120)


def test_an_article_for_everybody_promises_no_page_that_is_not_there(
    ada: Client, article: Article
) -> None:
    page = html.unescape(ada.get(reverse("admin:kb_article_add")).content.decode())
    assert "For everybody" in page
    assert "there is no page for customers yet" in page
