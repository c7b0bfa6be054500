"""Search: rare and common words, with operators, by who sees everything (admin) and by
who sees one team, of half of the tickets (ana) or of a fifth (tess).

Database and view together, in this process through the whole middleware. The loader gives every
message five words ``z1`` … ``z200000`` of a natural frequency: ``z1`` stands in a quarter of them.
"""

import statistics
import time
from typing import Any
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

ROUNDS = 9
RARE, SELDOM, COMMON = "z150000", "z4000", "z1"
ASKED = {
    "rare word": RARE,
    "seldom word": SELDOM,
    "common word": COMMON,
    "common word of the texts": "lamp",
    "two common words": f"lamp {COMMON}",
    "common and rare word": f"lamp {RARE}",
    "phrase of common words": '"kind regards"',
    "common word, open": f"{COMMON} status:open",
    "common word, active and late": f"{COMMON} is:late",
    "rare word, open": f"{RARE} status:open",
    "common word of a customer": f"{COMMON} from:customer77",
    "common word but another": f"{COMMON} -lamp",
    "beginning of many words": "z15*",
    "a customer's name": "customer77",
    "operators alone": "status:open priority:high to:none",
    "nothing": "zeppelin",
}


@override_settings(ALLOWED_HOSTS=["*"])
def measure() -> dict[str, Any]:
    figures: dict[str, Any] = {"index of the words, MB": _size() / 2**20}
    asked = 0
    for username in ("admin", "ana", "tess"):
        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        for name, text in ASKED.items():
            span, queries = _timed(client, f"/search/?q={quote(text)}")
            figures[f"search by {username}, {name}, ms"] = span
            asked = max(asked, queries)
    return figures | {"search, most queries": asked}


def _timed(client: Client, address: str) -> tuple[float, int]:
    for _ in range(2):
        assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    queries = len(captured)
    spans = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(address)
        spans.append((time.perf_counter() - start) * 1000)
    return statistics.median(spans), queries


def _size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('searching_line_words')")
        return int(cursor.fetchone()[0])
