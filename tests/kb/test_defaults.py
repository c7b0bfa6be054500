"""What an installation knows from the start, and what an admin makes of it."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.test import Client

from kb.defaults import install_defaults
from kb.models import Article, Revision
from kb.offers.models import Authority, Offer, Situation
from kb.scripts.models import Script
from kb.services import write_article

KNOWLEDGE = (Article, Revision, Script, Situation, Offer, Authority)


def rows() -> dict[str, list[Any]]:
    return {
        model.__name__: list(model._base_manager.order_by("pk").values()) for model in KNOWLEDGE
    }


def test_setup_installs_articles_scripts_and_offers_and_a_second_time_changes_nothing(
    cast: SimpleNamespace,
) -> None:
    call_command("setup")
    before = rows()
    assert all(before.values())
    call_command("setup")
    assert rows() == before


def test_the_sample_call_log_and_the_instructions_can_be_read_after_setup(
    cast: SimpleNamespace,
) -> None:
    call_command("setup")
    client = Client()
    client.force_login(cast.ana)
    for slug in ("how-to-log-a-call", "sample-call-log", "replies-for-review"):
        assert client.get(f"/kb/{slug}/").status_code == 200


def test_what_an_admin_changed_or_renamed_stays_and_does_not_come_back_beside_it(
    db: None, now: datetime
) -> None:
    install_defaults(now=now)
    article = Article.objects.get(slug="sample-call-log")
    write_article(title="Our log", body="As we do it.", now=now, article=article)
    Script.objects.filter(name="Answering the phone").update(name="Hello", body="Hello!")
    Offer.objects.filter(name="Free gift").delete()
    Offer.objects.filter(name="Credit").update(name="Voucher", active=False)
    before = rows()
    install_defaults(now=now)
    assert rows() == before


def test_offers_of_money_are_in_the_companys_own_currency(
    db: None, now: datetime, settings: Any
) -> None:
    settings.BASE_CURRENCY = "EUR"
    install_defaults(now=now)
    assert Offer.objects.get(name="Credit").counted(Decimal(25)) == "25.00 EUR"
