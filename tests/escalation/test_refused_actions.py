"""A rule that asks for what cannot be done is a person's matter, never the customer's."""

from collections.abc import Callable
from datetime import datetime

from django.forms import modelform_factory

from escalation.admin.rules import ActionForm
from escalation.models import Action, Rule
from tests.escalation.conftest import DAY, MINUTE
from tests.escalation.test_raising import told
from tests.escalation.test_rules import fired, rule
from tickets.models import Tag, Ticket, TicketEvent
from tickets.people.models import User

Open = Callable[..., Ticket]
EVERYTHING = [{"kind": "nature", "nature": "question"}]


def test_a_call_owed_too_far_away_is_flagged_and_the_ticket_opened(
    desk, opened: Open, now: datetime
) -> None:
    rule("Call", EVERYTHING, [{"kind": "owe_call", "within": 400 * DAY}])
    ticket = opened()
    assert fired(ticket) == ["Call"]
    assert told(ticket) == [("flag", 1, 0, ["Sue"])]
    assert "«Call»" in TicketEvent.objects.get(ticket=ticket, kind="flagged").data["because"]


def test_the_actions_after_a_refused_one_are_taken(desk, opened: Open, now: datetime) -> None:
    rule(
        "Call",
        EVERYTHING,
        [
            {"kind": "owe_call", "within": 400 * DAY},
            {"kind": "set_priority", "priority": "urgent"},
        ],
    )
    ticket = opened()
    ticket.refresh_from_db()
    assert ticket.priority == "urgent"


def test_the_form_refuses_a_call_owed_beyond_a_year(db: None) -> None:
    made = Rule.objects.create(name="Call")
    form_of_action = modelform_factory(Action, form=ActionForm, fields="__all__")
    form = form_of_action({"rule": made.pk, "kind": "owe_call", "within": "367 00:00:00"})
    assert "within" in form.errors
    form = form_of_action({"rule": made.pk, "kind": "owe_call", "within": "366 00:00:00"})
    assert "within" not in form.errors


def test_nobody_who_left_since_the_rules_were_read_is_given_a_ticket(
    desk, opened: Open, now: datetime
) -> None:
    rule("Ben's", EVERYTHING, [{"kind": "assign_person", "person": desk.ben}])
    opened()
    User.objects.filter(pk=desk.ben.pk).update(is_active=False)
    ticket = opened(now=now + MINUTE)
    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert told(ticket) == [("flag", 1, 0, ["Sue"])]


def test_nothing_is_put_before_somebody_who_left_since_the_rules_were_read(
    desk, opened: Open, now: datetime
) -> None:
    rule("Eve's", EVERYTHING, [{"kind": "involve", "person": desk.eve}])
    opened()
    User.objects.filter(pk=desk.eve.pk).update(is_active=False)
    ticket = opened(now=now + MINUTE)
    assert not ticket.involvements.exists()


def test_a_tag_renamed_since_the_rules_were_read_is_added_by_its_new_name(
    desk, opened: Open, now: datetime
) -> None:
    tag = Tag.objects.create(name="vip")
    rule("Tagged", EVERYTHING, [{"kind": "add_tag", "tag": tag}])
    opened()
    Tag.objects.filter(pk=tag.pk).update(name="very important")
    ticket = opened(now=now + MINUTE)
    assert list(ticket.tags.all()) == [tag]
