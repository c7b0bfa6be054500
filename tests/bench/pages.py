"""Pages and API: server time and query count, in this process through the whole middleware."""

import gc
import statistics
import time
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tickets.models import Ticket

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
        "queue page": "/?view=breaking",
        "queue, filtered": "/?view=breaking&status=open&priority=high",
        "ticket page": f"/tickets/{ticket.reference}/",
        "API list": "/api/v1/tickets/",
        "escalations, of a supervisor": "/escalations/",
        "workload, of a supervisor": "/workload/",
        "wall": "/wall/",
    }
    figures: dict[str, Any] = {"floor, ms": 0.0}
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
    return figures
