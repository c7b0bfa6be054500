"""What an upgrade makes of what was written before."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.factories import ticket
from tests.upgrading import Upgrade
from tickets.models import TicketEvent
from tickets.telling.models import Notification, Preference

BEFORE = ("tickets", "0012_lists_taken_along")
AFTER = ("tickets", "0013_what_waits_and_drafts_of_two_windows")


@pytest.mark.django_db(transaction=True)
def test_what_is_held_as_the_upgrade_runs_is_said_in_lists_and_drafts_stay(
    upgrade: Upgrade,
) -> None:
    before = upgrade.to(BEFORE)
    now = timezone.now()
    models = {name: before.get_model("tickets", name) for name in ("Ticket", "Message", "Draft")}
    user = before.get_model("people", "User").objects.create(username="ana", email="a@x.example")
    shared = {
        "category": before.get_model("tickets", "Category").objects.create(name="Lamps"),
        "team": before.get_model("people", "Team").objects.create(name="Lamps"),
        "requester": before.get_model("people", "Contact").objects.create(name="Carla"),
    }

    def opened(reference: str, *held: tuple[str, str, int]) -> None:
        ticket = models["Ticket"].objects.create(
            reference=reference, subject="Lamp", channel="email", opened_at=now, updated_at=now,
            **shared,
        )  # fmt: skip
        for kind, state, minutes in held:
            mail = before.get_model("outbox", "OutgoingMail").objects.create(
                state=state, purpose="reply", message_id=f"<{reference}{kind}{minutes}@x>",
                sender="a@x.example", subject="Re", text="x", written_at=now, sent_at=now,
                release_at=now + timedelta(minutes=minutes),
            )  # fmt: skip
            models["Message"].objects.create(
                ticket=ticket, kind=kind, author=user, body="x", at=now, mail=mail
            )

    opened("HD-AAAAAA", ("progress", "held", 5), ("reply", "held", 20), ("reply", "held", 9))
    opened("HD-BBBBBB", ("progress", "held", 7), ("reply", "sent", 3))
    opened("HD-CCCCCC", ("reply", "recalled", 3))
    models["Draft"].objects.create(
        ticket=models["Ticket"].objects.first(), author=user, kind="note", body="Half", kept_at=now
    )
    after = upgrade.to(AFTER)
    told = after.get_model("tickets", "Ticket").objects.order_by("reference")
    assert list(told.values_list("waiting_kind", "waiting_until")) == [
        ("reply", now + timedelta(minutes=9)),
        ("progress", now + timedelta(minutes=7)),
        ("", None),
    ]
    draft = after.get_model("tickets", "Draft").objects.get()
    assert (draft.body, draft.version, draft.is_aside) == ("Half", "", False)
    # A worker of the version before still keeps drafts while the upgrade runs.
    models["Draft"].objects.create(
        ticket=models["Ticket"].objects.first(), author=user, kind="reply", body="New", kept_at=now
    )
    kept = after.get_model("tickets", "Draft").objects.get(kind="reply")
    assert (kept.is_aside, kept.taken, kept.version) == (False, [], "")


@pytest.mark.django_db(transaction=True)
def test_the_way_back_forgets_what_the_version_before_does_not_know(
    upgrade: Upgrade, cast: SimpleNamespace, now: datetime
) -> None:
    its = ticket(cast, now)
    opened = its.events.get(kind="opened")
    for kind in ("undone", "taken_over"):
        TicketEvent.objects.create(ticket=its, kind=kind, at=now, recorded_at=now)
    for kind in ("taken", "noted"):
        Notification.objects.create(person=cast.ana, ticket=its, kind=kind, event=opened, at=now)
        Preference.objects.create(person=cast.ana, kind=kind)
    before = upgrade.to(AFTER, ("telling", "0001_initial"))
    kinds = before.get_model("tickets", "TicketEvent").objects.values_list("kind", flat=True)
    assert {*kinds} >= {"opened", "taken_over"}
    assert "undone" not in kinds
    for name in ("Notification", "Preference"):
        told = before.get_model("telling", name).objects.values_list("kind", flat=True)
        assert list(told) == ["noted"]
