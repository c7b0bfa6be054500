"""What a fault test does to a private database, in a process of its own.

python -m tests.faults.scene prepare         migrate, a company, the defaults
python -m tests.faults.scene due N SECONDS   N tickets whose first reply is due in SECONDS
python -m tests.faults.scene kills N SEED MOST   N workers, each killed within MOST seconds at a
                                                 random moment, then one in peace
python -m tests.faults.scene signs NAME FILE   signs NAME in; FILE has the cookies and a ticket of theirs
"""

import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from escalation import raising  # noqa: E402
from escalation.defaults import install_defaults  # noqa: E402
from escalation.demo.people import found  # noqa: E402
from escalation.models import Clock  # noqa: E402
from tests.bench.load import clone_ticket  # noqa: E402
from tickets.models import Ticket  # noqa: E402
from tickets.outbox import services as outbox  # noqa: E402
from tickets.people.models import Contact, User  # noqa: E402
from tickets.services import opening  # noqa: E402


def prepare() -> None:
    call_command("migrate", verbosity=0)
    now = timezone.now()
    found(now, random.Random(3))
    install_defaults(now=now)


def due(count: int, seconds: float) -> None:
    """The path of the fallback question schedule: one breach, one alert to each supervisor."""
    delay = timedelta(seconds=seconds)
    first = _due_in(delay)
    if connection.vendor == "postgresql":
        clone_ticket(first, count - 1)
    else:
        for _ in range(count - 1):
            _due_in(delay)


def _due_in(delay: timedelta) -> Ticket:
    customer = Contact.objects.filter(organization=None).order_by("pk")[0]
    now = timezone.now()
    fields = {"subject": "Due", "body": "Hello", "requester": customer, "channel": "email"}
    probe = opening.open_ticket(**fields, now=now, acknowledge=False)
    clock = Clock.objects.get(ticket=probe, metric="first_reply")
    assert clock.due_at is not None
    promised = clock.due_at - now
    probe_ended = Ticket.objects.filter(pk=probe.pk)
    Clock.objects.filter(ticket=probe).update(next_step_at=None)
    probe_ended.update(status="closed")
    return opening.open_ticket(
        **fields, now=now, received_at=now - promised + delay, acknowledge=False
    )


def work(now: float) -> None:
    """Deadlines and mail by turns, in small batches: a kill may come upon any part of either."""
    at = timezone.now() + timedelta(seconds=now)
    while raising.raise_next(at, limit=10):
        outbox.deliver_due(at)
    outbox.deliver_due(at)


def kills(count: int, seed: int, most: float) -> None:
    """Ends with an error when a worker came to the end of its work before it was killed."""
    dice = random.Random(seed)
    for number in range(count):
        connections.close_all()
        child = os.fork()
        if child == 0:
            work(0)
            os._exit(0)
        time.sleep(dice.uniform(0.005, most))
        os.kill(child, signal.SIGKILL)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            sys.exit(f"Only {number} workers were killed at work; the others had nothing to do.")
    # Peace at last; what a killed worker had claimed is free again after its lease.
    work(0)
    work(3600)


def signs(name: str, file: str) -> None:
    user = User.objects.get(username=name)
    client = Client()
    client.force_login(user)
    client.get("/accounts/password/change/", headers={"host": "127.0.0.1"})
    cookies = "; ".join(f"{each.key}={each.value}" for each in client.cookies.values())
    ticket = opening.open_ticket(
        subject="Live", body="Hello", channel="email", now=timezone.now(), acknowledge=False,
        requester=Contact.objects.exclude(email=None).order_by("pk")[0],
        team=user.memberships.order_by("pk")[0].team,
    )  # fmt: skip
    Path(file).write_text(f"{cookies}\n{client.cookies['csrftoken'].value}\n{ticket.reference}")


if __name__ == "__main__":
    if sys.argv[1] == "signs":
        signs(*sys.argv[2:])
        sys.exit()
    name, arguments = sys.argv[1], [float(argument) for argument in sys.argv[2:]]
    if name == "prepare":
        prepare()
    elif name == "due":
        due(int(arguments[0]), arguments[1])
    else:
        kills(int(arguments[0]), int(arguments[1]), arguments[2])
