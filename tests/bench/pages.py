"""Pages and API: server time and query count, in this process through the whole middleware."""

import gc
import statistics
import time
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tickets.filters import TABS
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import Membership, Team
from tickets.views.paging import ORDERS

ROUNDS = 100


def timed(client: Client, address: str) -> tuple[float, float, float, int, int]:
    """GET ``address``: milliseconds, the floor's beside it, times the floor, queries, bytes.

    The two take turns, so that whatever else the machine does slows both alike; the ratio is the
    median of the turns' own ratios, because the machine's pace changes within one measurement.
    """
    floor = Client()
    for _ in range(5):
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        floor.get("/floor/")
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    queries = len(captured)  # now: the next request empties the log
    spans = [(_span(client, address), _span(floor, "/floor/")) for _ in range(ROUNDS)]
    page, base = (statistics.median(each) for each in zip(*spans, strict=True))
    ratio = statistics.median(span / bare for span, bare in spans)
    return page, base, ratio, queries, len(response.content)


def _span(client: Client, address: str) -> float:
    start = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - start) * 1000


@override_settings(ROOT_URLCONF="tests.bench.floor", ALLOWED_HOSTS=["*"])
def measure() -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # as config/wsgi.py does
    agent = get_user_model().objects.get(username="ana")
    client, lead = Client(), Client()
    client.force_login(agent)
    lead.force_login(get_user_model().objects.get(username="sue"))
    ticket = Ticket.objects.active().filter(team__memberships__user=agent).order_by("-id").first()
    assert ticket is not None
    pages = {
        "queue page": "/?tab=next",
        "queue, filtered": "/?tab=next&status=open&priority=high",
        "ticket page": f"/tickets/{ticket.reference}/",
        "API list": "/api/v1/tickets/",
        **{f"view {tab.key}": f"/?tab={tab.key}" for tab in TABS if tab.key != "next"},
        **{f"order {key}": f"/?tab=next&sort={key}" for key in ORDERS if key != "due"},
        "numbers of all views": reverse("queue-counts"),
        "escalations, of a supervisor": "/escalations/",
        "workload, of a supervisor": "/workload/",
        "wall": "/wall/",
    }
    figures: dict[str, Any] = {"floor, ms": 0.0} | _leads_all(reverse("queue-counts"))
    floors = []
    for name, address in pages.items():
        span, base, ratio, queries, size = timed(lead if "supervisor" in name else client, address)
        floors.append(base)
        figures |= {
            f"{name}, ms": span,
            f"{name}, × floor": ratio,
            f"{name}, queries": queries,
            f"{name}, KB": size / 1024,
        }
    figures["floor, ms"] = statistics.median(floors)
    return figures | _long(client, agent, ticket)


def _long(client: Client, agent: Any, ticket: Ticket) -> dict[str, Any]:
    """The ticket page when 500 messages lie on it, the customer's and ours in turn; none stays."""
    now = timezone.now()
    with transaction.atomic():
        said = [_said(ticket, agent, number, now) for number in range(500)]
        messages = Message.objects.bulk_create(said)
        TicketEvent.objects.bulk_create(
            TicketEvent(
                ticket=ticket, kind="customer_message" if each.contact_id else "reply_written",
                at=each.at, recorded_at=each.at, actor=each.author, message=each,
            )
            for each in messages
        )  # fmt: skip
        address = f"/tickets/{ticket.reference}/"
        assert "The newest of all." in client.get(address).content.decode()
        span, _, ratio, queries, size = timed(client, address)
        transaction.set_rollback(True)
    name = "ticket page with 500 messages"
    return {
        f"{name}, ms": span,
        f"{name}, × floor": ratio,
        f"{name}, queries": queries,
        f"{name}, KB": size / 1024,
    }


def _said(ticket: Ticket, agent: Any, number: int, now: datetime) -> Message:
    words = "The newest of all." if number == 499 else f"{number} " + "Does it still flicker? " * 20
    who = {"contact": ticket.requester} if number % 2 else {"author": agent}
    kind = Message.Kind.CUSTOMER if number % 2 else Message.Kind.REPLY
    at = now - timedelta(minutes=500 - number)
    return Message(ticket=ticket, kind=kind, body=words, at=at, **who)


def _leads_all(address: str) -> dict[str, Any]:
    """The same numbers for a supervisor of every team; nobody stays one."""
    client = Client()
    with transaction.atomic():
        lead = get_user_model().objects.get(username="sue")
        for team in Team.objects.exclude(memberships__user=lead):
            Membership.objects.create(user=lead, team=team, leads=True)
        client.force_login(lead)
        span, _, _, queries, _ = timed(client, address)
        transaction.set_rollback(True)
    name = "numbers of all views, for who leads all teams"
    return {f"{name}, ms": span, f"{name}, queries": queries}
