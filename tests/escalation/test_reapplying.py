"""Re-applying a schedule comes to an end, and puts every ticket behind on the latest version."""

from collections.abc import Callable
from datetime import datetime

import pytest

from escalation import publishing, reapplying
from escalation.models import Binding, Policy
from tests.escalation.conftest import HOUR, MINUTE
from tickets.models import Ticket
from tickets.services import triage

Open = Callable[..., Ticket]


def test_a_ticket_bound_again_a_moment_later_does_not_keep_it_going(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reapplying, "AT_ONCE", 1)
    policy = Policy.objects.get(name="Product questions")
    tickets = [opened(), opened()]
    target = policy.targets.first()
    target.duration = 2 * HOUR
    target.save()
    latest = publishing.publish_policy(policy=policy, now=now + MINUTE)
    later = now + 5 * MINUTE
    triage.set_priority(ticket=tickets[0], priority="high", actor=desk.ana, now=later)
    done = reapplying.reapply(policy=policy, actor=desk.ada, now=now + 4 * MINUTE)
    assert done == 2
    assert not reapplying.behind(policy).exists()
    last = Binding.objects.filter(ticket=tickets[0]).order_by("at", "pk").last()
    assert last
    assert (last.version, last.at) == (latest, later)
