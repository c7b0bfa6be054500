from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.test import Client

from tickets.calls import services
from tickets.models import Ticket


def test_the_log_is_read_not_edited(
    log: Any, ticket: Ticket, cast: SimpleNamespace, client: Client, now: datetime
) -> None:
    call = log(holds=[services.HoldSpan(now - timedelta(minutes=2), now, "asked")])
    services.promise_callback(ticket=ticket, due_at=None, actor=None, because="Owed", now=now)
    client.force_login(cast.ada)
    assert "3 min 0 s" in client.get("/admin/calls/call/").content.decode()
    assert "policy" in client.get("/admin/calls/callback/").content.decode()
    page = client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    assert "asked" in page
    assert 'name="_save"' not in page
    assert client.get("/admin/calls/call/add/").status_code == 403
