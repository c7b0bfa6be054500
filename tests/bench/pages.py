"""Pages and API: server time and query count, in this process through the whole middleware."""

import statistics
import time
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tickets.models import Ticket

ROUNDS = 60


def timed(client: Client, address: str) -> tuple[float, int, int]:
    """Median milliseconds, queries and bytes of GET ``address``."""
    for _ in range(5):
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    queries = len(captured)  # now: the next request empties the log
    spans = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(address)
        spans.append((time.perf_counter() - start) * 1000)
    return statistics.median(spans), queries, len(response.content)


@override_settings(ROOT_URLCONF="tests.bench.floor", ALLOWED_HOSTS=["*"])
def measure() -> dict[str, Any]:
    agent = get_user_model().objects.get(username="ana")
    client = Client()
    client.force_login(agent)
    ticket = Ticket.objects.active().filter(team__memberships__user=agent).order_by("-id").first()
    assert ticket is not None
    pages = {
        "queue page": "/?view=breaking",
        "queue, filtered": "/?view=breaking&status=open&priority=high",
        "ticket page": f"/tickets/{ticket.reference}/",
        "API list": "/api/v1/tickets/",
    }
    base, _, _ = timed(Client(), "/floor/")
    figures: dict[str, Any] = {"floor, ms": base}
    for name, address in pages.items():
        span, queries, size = timed(client, address)
        again, _, _ = timed(Client(), "/floor/")
        base = (base + again) / 2
        figures |= {
            f"{name}, ms": span,
            f"{name}, × floor": span / again,
            f"{name}, queries": queries,
            f"{name}, KB": size / 1024,
        }
    return figures
