"""The pages of a customer and of a company: who sees them, what stands there, what may be changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.factories import order, ticket
from tickets.calls import services as calls
from tickets.models import Ticket
from tickets.people.models import Contact, Organization, Product, System, User
from tickets.services import triage
from tickets.services.customers import seen_of

Desk = Callable[[User], Client]


def text(answer: HttpResponse) -> str:
    told = answer.content.decode()
    return " ".join(unescape(told[told.find("<main") :]).split())


def page(client: Client, row: Contact | Organization) -> str:
    answer = client.get(address(row))
    assert answer.status_code == 200
    return text(answer)  # type: ignore[arg-type]


def address(row: Contact | Organization, rest: str = "") -> str:
    kind = "customers" if isinstance(row, Contact) else "companies"
    return f"/{kind}/{row.pk}/{rest}"


def said(contact: Contact, **other: Any) -> dict[str, Any]:
    """What the form carries where nothing is changed, but for ``other``."""
    house = contact.organization
    return {
        "name": contact.name, "email": contact.email or "", "phone": contact.phone,
        "company": house.name if house else "", "language": contact.language,
        "time_zone": contact.time_zone, "seen": seen_of(contact),
    } | other  # fmt: skip


def changed(client: Client, contact: Contact, **other: Any) -> HttpResponse:
    answer = client.post(address(contact, "change/"), said(contact, **other))
    return answer  # type: ignore[return-value]


# What stands there ------------------------------------------------------------------------------


def test_everything_known_of_a_customer_stands_on_their_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    now = timezone.now()
    Contact.objects.filter(pk=cast.carla.pk).update(
        phone="+1 212 555 0101", language="de", time_zone="Europe/Berlin", notes="Likes it short."
    )
    Organization.objects.filter(pk=cast.acme.pk).update(notes="Pays late.", responsible=cast.sue)
    cast.carla.products.add(Product.objects.create(name="Lamp 3000"))
    System.objects.create(organization=cast.acme, name="Hub 3")
    order(cast.carla, now, number="NL-1", amount="1200.50")
    order(cast.carla, now, number="NL-2", amount="10")
    calls.log_call(
        ticket=None, contact=cast.carla, direction="inbound", outcome="reached", summary="She asks.",
        started_at=now, ended_at=now, actor=cast.ana, now=now,
    )  # fmt: skip
    ticket = opened()
    told = page(desk(cast.ana), cast.carla)
    for words in (
        "Carla Customer", "carla@", "+1 212 555 0101", "Acme", "Gold", "Sue", "German",
        "Europe/Berlin", "Lamp 3000", "Hub 3", "Likes it short.", "Pays late.", "NL-1",
        "2 orders: <strong>1,210.50 USD", "She asks.", ticket.reference,
    ):  # fmt: skip
        assert words in told
    assert f'href="/companies/{cast.acme.pk}/"' in told


def test_everything_known_of_a_company_stands_on_its_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    now = timezone.now()
    Organization.objects.filter(pk=cast.acme.pk).update(notes="Pays late.", responsible=cast.sue)
    System.objects.create(organization=cast.acme, name="Hub 3", details="In the cellar")
    cora = Contact.objects.create(name="Cora", email="cora@acme.example", organization=cast.acme)
    order(cora, now, number="NL-7", amount="70")
    calls.log_call(
        ticket=None, contact=cora, direction="inbound", outcome="reached", summary="She asks.",
        started_at=now, ended_at=now, actor=cast.ana, now=now,
    )  # fmt: skip
    ticket = opened()
    told = page(desk(cast.ana), cast.acme)
    for words in (
        "Acme", "Gold", "Sue", "Pays late.", "Hub 3", "In the cellar", "Cora", "Carla Customer",
        "NL-7", "1 order: <strong>70.00 USD", "She asks.", ticket.reference,
    ):  # fmt: skip
        assert words in told
    assert f'href="/customers/{cora.pk}/"' in told


def test_open_tickets_come_first_and_every_one_once_page_by_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    made = [opened(subject=f"Matter {each}") for each in range(60)]
    now = timezone.now()
    for each in made[30:]:
        triage.set_status(ticket=each, status="solved", actor=cast.ana, now=now)
    client = desk(cast.ana)
    for row in (cast.carla, cast.acme):
        shown: list[str] = []
        where = ""
        for _ in range(3):
            told = text(client.get(address(row) + where))  # type: ignore[arg-type]
            shown += re.findall(r'<span class="ref">(HD-\w+)', told)
            following = re.search(r'href="(\?tickets=[^"#]+)', told)
            where = following[1] if following else ""
        assert where == ""
        expected = [*reversed(made[:30]), *reversed(made[30:])]
        assert shown == [each.reference for each in expected]


def test_only_tickets_that_the_reader_sees_are_shown_and_counted(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="Ours")
    opened(subject="A secret", team=cast.billing)
    for row in (cast.carla, cast.acme):
        told = page(desk(cast.ana), row)
        assert "1 you may see, 1 open" in told
        assert "A secret" not in told


def test_orders_are_shown_page_by_page(cast: SimpleNamespace, desk: Desk) -> None:
    now = timezone.now()
    for each in range(45):
        order(cast.carla, now - timedelta(days=each // 2), number=f"NL-{each}")
    client, shown, where = desk(cast.ana), [], ""
    for _ in range(3):
        told = text(client.get(address(cast.carla) + where))  # type: ignore[arg-type]
        shown += re.findall(r'<bdi class="ref">(NL-\d+)', told)
        following = re.search(r'href="(\?orders=[^"#]+)', told)
        where = following[1] if following else ""
    assert where == ""
    assert len(shown) == len(set(shown)) == 45


@pytest.mark.parametrize("kind", ["carla", "acme"])
def test_a_page_asks_as_much_for_three_as_for_thirty(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    client, row, now = desk(cast.ana), getattr(cast, kind), timezone.now()

    def many(times: int) -> int:
        for _ in range(times):
            who = Contact.objects.create(name="Cora", organization=cast.acme)
            opened(), opened(requester=who)
            for each in (cast.carla, who):
                order(each, now, number=f"NL-{Ticket.objects.count()}-{each.pk}")
                calls.log_call(
                    ticket=None, contact=each, direction="inbound", outcome="reached", summary="",
                    started_at=now, ended_at=now, actor=cast.ana, now=now,
                )  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, row)
        return len(asked)

    page(client, row)
    few = many(3)
    assert many(27) <= few <= 20  # a page that open tickets fill asks for no others


@pytest.mark.parametrize("bad", ["x", "open.", "open.x~1", "done.2026-01-01T00:00:00Z~x", "%00"])
def test_a_place_that_is_none_shows_the_first_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener, bad: str
) -> None:
    ticket = opened()
    told = text(desk(cast.ana).get(f"{address(cast.carla)}?tickets={bad}&orders={bad}"))  # type: ignore[arg-type]
    assert ticket.reference in told


# Who sees them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "bo", "sue", "stan", "ada"])
def test_the_desk_sees_every_customer(cast: SimpleNamespace, desk: Desk, who: str) -> None:
    for row in (cast.carla, cast.carl, cast.acme):
        assert 'id="change"' in page(desk(getattr(cast, who)), row)


@pytest.mark.parametrize("who", ["eve", "max"])
def test_others_see_whom_their_tickets_are_of_and_change_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener, who: str
) -> None:
    user = getattr(cast, who)
    client, ticket = desk(user), opened()
    cora = Contact.objects.create(name="Cora", email="cora@acme.example", organization=cast.acme)
    for row in (cast.carla, cora, cast.acme):
        assert client.get(address(row)).status_code == 404
    triage.involve(ticket=ticket, user=user, because="Lamps", now=timezone.now())
    assert 'id="change"' not in page(client, cast.carla)
    told = page(client, cast.acme)
    assert "Carla" in told
    assert "Cora" not in told
    assert client.get(address(cora)).status_code == 404
    ticket.participants.add(cora)
    assert client.get(address(cora)).status_code == 200
    for row in (cast.carla, cast.acme):
        for deed in ("change/", "notes/"):
            assert client.post(address(row, deed), {"notes": "x"}).status_code == 403
    answer = client.get("/customers/?q=carla")
    assert answer.status_code == 403
    assert "Only agents, supervisors and admins look customers up" in text(answer)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["eve", "max"])
def test_others_read_only_what_the_people_they_see_bought(
    cast: SimpleNamespace, desk: Desk, opened: Opener, who: str
) -> None:
    now = timezone.now()
    cora = Contact.objects.create(name="Cora", email="cora@acme.example", organization=cast.acme)
    order(cora, now, "NL-777"), order(cast.carla, now, "NL-778")
    change = {"name": "Acme 2", "seen": seen_of(cast.acme)}
    assert desk(cast.ana).post(address(cast.acme, "change/"), change).status_code == 302
    user = getattr(cast, who)
    triage.involve(ticket=opened(), user=user, because="Lamps", now=now)
    told = page(desk(user), cast.acme)
    assert "NL-778" in told
    for hidden in ("NL-777", "Cora", "Name: Acme"):
        assert hidden not in told
        assert hidden in page(desk(cast.ana), cast.acme)


def test_who_is_not_there_is_not_found(cast: SimpleNamespace, desk: Desk) -> None:
    for path in ("/customers/999999/", "/companies/999999/", "/customers/99999999999999999999/"):
        assert desk(cast.ana).get(path).status_code == 404
    assert Client().get(address(cast.carla)).status_code == 302


# What may be changed ----------------------------------------------------------------------------


def test_what_is_known_is_changed_and_who_did_it_is_kept(cast: SimpleNamespace, desk: Desk) -> None:
    client = desk(cast.ana)
    answer = changed(
        client, cast.carla, name=" Carla  Costa ", email="Costa@Acme.Example",
        phone="+1 (212) 555-0101", language="pt-br", time_zone="America/Sao_Paulo",
    )  # fmt: skip
    assert answer.status_code == 302
    fresh = Contact.objects.get(pk=cast.carla.pk)
    assert (fresh.name, fresh.email, fresh.phone) == (
        "Carla Costa", "costa@acme.example", "+12125550101",
    )  # fmt: skip
    assert (fresh.language, fresh.time_zone) == ("pt-br", "America/Sao_Paulo")
    told = page(client, fresh)
    assert "Name: Carla Customer → Carla Costa; E-mail: carla@acme.example → costa@" in told
    assert "Language: none → Brazilian Portuguese" in told
    assert "Who changed what" in told
    ticket(cast, timezone.now(), requester=fresh, assignee=cast.max)
    advised = page(desk(cast.max), fresh)
    assert "Costa" in advised
    assert "carla@acme.example" not in advised


def test_saving_what_is_there_changes_and_logs_nothing(cast: SimpleNamespace, desk: Desk) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(phone="+1 (555) 1 ext", language="xx")
    cast.carla.refresh_from_db()
    client = desk(cast.ana)
    changed(client, cast.carla)
    told = page(client, cast.carla)
    assert "Nothing was different." in told
    assert "Who changed what" not in told
    cast.carla.refresh_from_db()
    assert (cast.carla.phone, cast.carla.language) == ("+1 (555) 1 ext", "xx")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"email": "nonsense"}, "nonsense"),
        ({"email": "support@helpdesk.localhost"}, "is our own address"),
        ({"email": "carl@home.example"}, ">Carl</a> already. Nothing was saved."),
        ({"phone": "soon"}, "«soon» is not a phone number."),
        ({"phone": "٠١٢٣٤٥"}, "is not a phone number."),
        ({"time_zone": "Mars/Base"}, "Mars/Base is not a known time zone"),
        ({"time_zone": ""}, "required"),
        ({"language": "klingon"}, "Select a valid choice"),
        ({"name": "", "email": "", "phone": ""}, "A customer has a name, an e-mail address or"),
        ({"name": "x" * 161}, "at most 160 characters"),
        ({"company": "Acme Ltd"}, "No company is called Acme Ltd. There is Acme."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_changed(
    cast: SimpleNamespace, desk: Desk, other: dict[str, str], words: str
) -> None:
    before = Contact.objects.filter(pk=cast.carla.pk).values().get()
    answer = changed(desk(cast.ana), cast.carla, **other)
    told = text(answer)
    assert answer.status_code == 422
    assert words in told
    for value in filter(None, other.values()):
        assert f'value="{value}"' in told or value == "klingon"
    assert Contact.objects.filter(pk=cast.carla.pk).values().get() == before


def test_nobody_overwrites_unseen_what_another_changed(cast: SimpleNamespace, desk: Desk) -> None:
    stale = said(cast.carla, name="By Ana")
    assert changed(desk(cast.ben), cast.carla, phone="+1 555 0100").status_code == 302
    answer = desk(cast.ana).post(address(cast.carla, "change/"), stale)
    told = text(answer)  # type: ignore[arg-type]
    assert answer.status_code == 409
    assert "Ben changed this, just now: Phone: none → +15550100. Nothing of yours was saved" in told
    assert 'value="By Ana"' in told
    cast.carla.refresh_from_db()
    assert cast.carla.name == "Carla Customer"


def test_a_new_company_is_made_only_when_asked_for(cast: SimpleNamespace, desk: Desk) -> None:
    client, ticket = desk(cast.ana), Ticket
    assert "Make it a new company" in text(changed(client, cast.carl, company="Bolt"))
    assert not Organization.objects.filter(name="Bolt").exists()
    assert changed(client, cast.carl, company="Bolt", is_new_company="on").status_code == 302
    cast.carl.refresh_from_db()
    assert cast.carl.organization == Organization.objects.get(name="Bolt")
    assert ticket.objects.count() == 0


def test_a_company_is_found_whatever_its_capitals_and_left_by_an_empty_field(
    cast: SimpleNamespace, desk: Desk
) -> None:
    client = desk(cast.ana)
    changed(client, cast.carl, company="  ACME ")
    cast.carl.refresh_from_db()
    assert cast.carl.organization == cast.acme
    changed(client, cast.carl, company="")
    cast.carl.refresh_from_db()
    assert cast.carl.organization is None


def test_open_tickets_go_along_to_another_company_and_done_ones_stay(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    now = timezone.now()
    going, done = opened(requester=cast.carl), opened(requester=cast.carl)
    triage.set_status(ticket=done, status="solved", actor=cast.ana, now=now)
    version = going.version
    changed(desk(cast.ana), cast.carl, company="Acme")
    going.refresh_from_db(), done.refresh_from_db()
    assert (going.organization, done.organization) == (cast.acme, None)
    event = going.events.get(kind="requester_changed")
    assert (event.actor, event.data) == (cast.ana, {"from": "Carl", "to": "Carl (Acme)"})
    assert going.updated_at == event.at
    assert going.version > version
    assert not done.events.filter(kind="requester_changed").exists()


def test_the_admins_own_fields_are_not_to_be_had_by_a_form(
    cast: SimpleNamespace, desk: Desk
) -> None:
    changed(desk(cast.ana), cast.carl, tier=cast.gold.pk, responsible=cast.ana.pk, notes="x")
    cast.carl.refresh_from_db()
    assert (cast.carl.tier, cast.carl.responsible, cast.carl.notes) == (None, None, "")


def test_a_company_gets_another_name_once(cast: SimpleNamespace, desk: Desk) -> None:
    Organization.objects.create(name="Bolt")
    client, seen = desk(cast.ana), seen_of(cast.acme)
    path = address(cast.acme, "change/")
    assert "There is a company called Bolt already." in text(
        client.post(path, {"name": "Bolt", "seen": seen})  # type: ignore[arg-type]
    )
    assert client.post(path, {"name": "Acme Inc.", "seen": seen}).status_code == 302
    assert "Name: Acme → Acme Inc." in page(client, cast.acme)
    stale = client.post(path, {"name": "Acme & Sons", "seen": seen})
    assert stale.status_code == 409
    assert "Ana changed this, just now: Name: Acme → Acme Inc." in text(stale)  # type: ignore[arg-type]


def test_notes_are_kept_from_the_pages_and_never_overwritten_unseen(
    cast: SimpleNamespace, desk: Desk
) -> None:
    client = desk(cast.ana)
    seen = dict(
        re.findall(r'notes/#notes".*?name="(as_read)" value="(\w+)"', page(client, cast.carla))
    )
    words = {"notes": "Likes it short.", "of_company": "Pays late."}
    assert client.post(address(cast.carla, "notes/"), words | seen).status_code == 302
    cast.carla.refresh_from_db(), cast.acme.refresh_from_db()
    assert (cast.carla.notes, cast.acme.notes) == ("Likes it short.", "Pays late.")
    late = client.post(address(cast.carla, "notes/"), {"notes": "Mine", **seen})
    assert late.status_code == 409
    assert "Mine</textarea>" in text(late)  # type: ignore[arg-type]
    seen = dict(re.findall(r'notes/#notes".*?name="(seen)" value="(\w+)"', page(client, cast.acme)))
    path = address(cast.acme, "notes/")
    assert client.post(path, {"of_company": "Pays well.", **seen}).status_code == 302
    assert client.post(path, {"of_company": "Hm.", **seen}).status_code == 409
    cast.acme.refresh_from_db()
    assert cast.acme.notes == "Pays well."


def test_words_typed_after_the_log_in_ended_are_kept(cast: SimpleNamespace) -> None:
    answer = Client().post(address(cast.carla, "change/"), said(cast.carla, name="An hour's work"))
    assert answer.status_code == 403
    assert "An hour's work" in text(answer)  # type: ignore[arg-type]


# The ways there ---------------------------------------------------------------------------------


def test_a_customer_is_a_click_away_from_their_ticket_their_search_and_the_phone(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket = desk(cast.ana), opened()
    link = f'href="/customers/{cast.carla.pk}/"'
    for path in (
        f"/tickets/{ticket.reference}/", f"/tickets/{ticket.reference}/history/",
        "/search/?q=flickers", "/calls/?q=carla", f"/contacts/{cast.carla.pk}/calls/",
    ):  # fmt: skip
        assert link in client.get(path).content.decode(), path
    assert (
        f'href="/companies/{cast.acme.pk}/"' in client.get("/search/?q=flickers").content.decode()
    )
    told = client.get("/search/?q=from:carla+lamp").content.decode()
    assert "/customers/?q=carla%20lamp" in told


def test_a_new_ticket_begins_with_what_is_known(cast: SimpleNamespace, desk: Desk) -> None:
    told = desk(cast.ana).get(f"/tickets/new/?customer={cast.carla.pk}").content.decode()
    assert 'value="carla@acme.example"' in told
    assert 'value="Carla Customer"' in told
    assert desk(cast.ana).get("/tickets/new/?customer=999999").status_code == 404
