"""What «/», «?» and «@» offer in the composer."""

from types import SimpleNamespace
from typing import Any

from django.test import Client
from django.utils import timezone

from kb.models import Article
from kb.scripts.models import Script
from kb.services import write_article
from tests.desk.conftest import Opener, opened
from tickets.models import Ticket

__all__ = ["opened"]


def offered(client: Client, ticket: Ticket, of: str, q: str = "") -> str:
    answer: Any = client.get(f"/tickets/{ticket.reference}/offer/{of}/", {"q": q})
    assert answer.status_code == 200
    return str(answer.content.decode())


def write(title: str, body: str, audience: str = Article.Audience.STAFF) -> None:
    write_article(
        title=title, body=body, now=timezone.now(), audience=audience,
        state=Article.State.PUBLISHED,
    )  # fmt: skip


def test_scripts_are_offered_by_name_with_their_fields_filled_in(
    cast: SimpleNamespace, client: Client, opened: Opener
) -> None:
    Script.objects.create(name="Please hold the line", kind="hold", body="One moment, {customer}.")
    Script.objects.create(name="Hold on", kind="hold", body="Hold on.")
    Script.objects.create(name="Sorry", kind="apology", body="We are sorry.")
    client.force_login(cast.ana)
    told = offered(client, opened(), "scripts", "hold")
    assert 'data-text="One moment, Carla Customer."' in told
    assert told.index("Hold on") < told.index("Please hold the line")
    assert "sorry" not in told
    assert "No script or macro is called so" in offered(client, opened(), "scripts", "xyzzy")


def test_of_an_article_for_staff_only_its_place_is_put_in(
    cast: SimpleNamespace, client: Client, opened: Opener
) -> None:
    write("Lamps", "Secret of the lamp.")
    write("Lamps for all", "Turn it clockwise.", Article.Audience.PUBLIC)
    client.force_login(cast.ana)
    told = offered(client, opened(), "articles", "lamp")
    assert 'data-text="Lamps (http://testserver/kb/lamps/)"' in told
    assert 'data-text="Turn it clockwise."' in told


def test_colleagues_at_work_are_offered_by_the_beginning_of_their_names(
    cast: SimpleNamespace, client: Client, opened: Opener
) -> None:
    cast.sue.is_active = False
    cast.sue.save()
    client.force_login(cast.ana)
    ticket = opened()
    assert 'data-text="@ben "' in offered(client, ticket, "people", "B")
    assert "@sue" not in offered(client, ticket, "people", "su")
    assert "@ana" not in offered(client, ticket, "people", "an")


def test_a_ticket_one_may_not_see_offers_nothing(
    cast: SimpleNamespace, client: Client, opened: Opener
) -> None:
    ticket = opened(team=cast.billing)
    client.force_login(cast.ana)
    for of in ("scripts", "articles", "people"):
        assert client.get(f"/tickets/{ticket.reference}/offer/{of}/").status_code == 404
