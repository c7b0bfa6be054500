"""Who gets through which door: 401 without a name, 404 for what one may not see, 403 for what one
sees but may not do. The same answers as the pages give."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from escalation import raising
from escalation.defaults import install_defaults
from kb.defaults import install_defaults as install_knowledge
from kb.offers import services as offers
from kb.offers.models import Offer
from tickets.access import Action, may
from tickets.models import Category, Message, Ticket
from tickets.services import conversation, opening, triage


@pytest.fixture
def scene(cast: SimpleNamespace) -> SimpleNamespace:
    """Ana's ticket, with a held reply, a credit she asked for and a call for a supervisor."""
    now = timezone.now()
    install_defaults(now=now)
    install_knowledge(now=now)
    ticket = opening.open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=now,
        team=cast.support, assignee=cast.ana,
        category=Category.objects.create(name="Fault", nature="problem"),
    )  # fmt: skip
    credit = Offer.objects.get(name="Credit")
    return SimpleNamespace(
        ticket=ticket,
        credit=credit,
        reply=conversation.reply(ticket=ticket, author=cast.ana, body="A new one.", now=now),
        grant=offers.request_approval(
            ticket=ticket, offer=credit, amount=credit.least, actor=cast.ana, now=now, key="k"
        ),
        escalation=raising.hand_over(ticket=ticket, actor=cast.ana, reason="He shouts.", now=now),
        clock=ticket.clocks.order_by("pk")[0],
    )


READING = ["", "messages/", "events/", "clocks/", "clocks/{clock.pk}/", "escalations/",
           "offers/", "grants/"]  # fmt: skip
DOING = [
    ("patch", "", {"version": 1, "priority": "high"}),
    ("post", "merge/", {"into": "{ticket.reference}", "version": 1}),
    ("post", "orders/", {"order": "NL-1"}),
    ("post", "messages/", {"kind": "reply", "body": "Hello"}),
    ("post", "messages/", {"kind": "note", "body": "Hello"}),
    ("patch", "messages/{reply.pk}/", {"body": "Better", "version": 1}),
    ("post", "messages/{reply.pk}/recall/", {}),
    ("post", "messages/{reply.pk}/send-now/", {}),
    ("post", "grants/", {"offer": "{credit.pk}", "amount": "5"}),
    ("post", "grants/{grant.pk}/approve/", {}),
    ("post", "grants/{grant.pk}/refuse/", {"reason": "No."}),
    ("post", "grants/{grant.pk}/reverse/", {"reason": "No."}),
    ("post", "take-over/", {}),
    ("post", "hand-over/", {"reason": "He shouts."}),
    ("post", "hand-back/", {"note": "Please go on."}),
]
EVERYTHING = [("get", rest, {}) for rest in READING] + DOING


def send(client: Any, scene: SimpleNamespace, how: str, rest: str, said: dict[str, Any]) -> Any:
    address = f"/api/v1/tickets/{scene.ticket.reference}/{rest.format(**vars(scene))}"
    filled = {
        name: value.format(**vars(scene)) if isinstance(value, str) else value
        for name, value in said.items()
    }
    return getattr(client, how)(address, filled)


def facts(scene: SimpleNamespace) -> list[Any]:
    ticket = Ticket.objects.get(pk=scene.ticket.pk)
    return [ticket.version, ticket.events.count(), ticket.messages.count(), ticket.grants.count()]


@pytest.mark.parametrize(("how", "rest", "said"), EVERYTHING)
def test_without_a_name_nothing_is_told_or_done(
    scene: SimpleNamespace, how: str, rest: str, said: dict[str, Any]
) -> None:
    before = facts(scene)
    assert send(APIClient(), scene, how, rest, said).status_code == 401
    assert facts(scene) == before


@pytest.mark.parametrize(("how", "rest", "said"), EVERYTHING)
def test_a_ticket_of_another_team_does_not_exist(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace, how: str, rest: str,
    said: dict[str, Any],
) -> None:  # fmt: skip
    before = facts(scene)
    for stranger in (cast.bo, cast.eve, cast.max):
        assert send(api(stranger), scene, how, rest, said).status_code == 404
    assert facts(scene) == before


@pytest.mark.parametrize(("how", "rest", "said"), DOING)
def test_an_expert_who_was_asked_reads_and_notes_but_does_nothing_else(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace, how: str, rest: str,
    said: dict[str, Any],
) -> None:  # fmt: skip
    triage.follow(ticket=scene.ticket, user=cast.max, actor=cast.ana, now=timezone.now())
    before = facts(scene)
    answer = send(api(cast.max), scene, how, rest, said)
    if said.get("kind") == "note":
        assert answer.status_code == 201
    else:
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("You may not")
        assert facts(scene) == before


@pytest.mark.parametrize("rest", [f"grants/{{grant.pk}}/{deed}/" for deed in ("approve", "refuse")])
def test_nobody_decides_what_they_asked_for_and_an_agent_decides_nothing(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace, rest: str
) -> None:
    for agent in (cast.ana, cast.ben):
        assert send(api(agent), scene, "post", rest, {}).status_code == 403
    assert send(api(cast.sue), scene, "post", rest, {}).status_code == 200


@pytest.mark.parametrize(
    "rest",
    ["clocks/{clock.pk}/", "messages/{reply.pk}/recall/", "grants/{grant.pk}/approve/"],
)
def test_a_row_of_another_ticket_is_not_reached_through_ones_own(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace, rest: str
) -> None:
    own = opening.open_ticket(
        subject="Own", body="x", requester=cast.carl, channel="email", now=timezone.now(),
        team=cast.billing,
    )  # fmt: skip
    through = SimpleNamespace(**(vars(scene) | {"ticket": own}))
    how = "get" if rest.startswith("clocks") else "post"
    assert send(api(cast.stan), through, how, rest, {}).status_code == 404


def test_an_escalation_one_may_not_see_is_neither_shown_nor_acknowledged(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace
) -> None:
    address = f"/api/v1/escalations/{scene.escalation.pk}/"
    for stranger in (cast.bo, cast.eve):
        assert api(stranger).get("/api/v1/escalations/").json()["results"] == []
        assert api(stranger).get(address).status_code == 404
        assert api(stranger).post(f"{address}acknowledge/").status_code == 404
    assert api(cast.ana).get(address).json()["ticket"] == scene.ticket.reference
    assert api(cast.ana).post(f"{address}acknowledge/").status_code == 403
    assert api(cast.sue).post(f"{address}acknowledge/").status_code == 200


def test_escalations_are_found_by_ticket_state_and_trigger(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace
) -> None:
    def found(**filters: str) -> list[int]:
        rows = api(cast.ana).get("/api/v1/escalations/", filters).json()["results"]
        return [row["id"] for row in rows]

    assert scene.escalation.pk in found(ticket=scene.ticket.reference, state="open")
    assert scene.escalation.pk in found(ticket=scene.ticket.reference.lower())
    assert found(ticket="HD-222222") == found(ticket="nonsense") == []
    assert found(state="ended") == []
    assert found(trigger="hand_over") == [scene.escalation.pk]
    assert api(cast.ana).get("/api/v1/escalations/?state=bogus").status_code == 400


@pytest.mark.parametrize("who", ["ana", "ben", "sue", "bo", "stan", "eve", "max", "ada"])
def test_the_held_mail_listed_is_what_one_may_recall(
    api: Any, cast: SimpleNamespace, scene: SimpleNamespace, who: str
) -> None:
    user, now = getattr(cast, who), timezone.now()
    for reader in (cast.eve, cast.max, cast.stan):
        triage.follow(ticket=scene.ticket, user=reader, actor=cast.ana, now=now)
    theirs = opening.open_ticket(
        subject="Theirs", body="x", requester=cast.carl, channel="email", now=now,
        team=cast.billing,
    )  # fmt: skip
    triage.assign(ticket=theirs, assignee=cast.eve, actor=cast.ada, now=now)
    conversation.reply(ticket=theirs, author=cast.ada, body="Soon.", now=now)
    rows = api(user).get("/api/v1/held/").json()["results"]
    held = Message.objects.filter(mail__state="held", kind="reply").select_related("ticket")
    mine = {each.pk for each in held if may(user, Action.REPLY, each.ticket)}
    assert {row["id"] for row in rows} == mine
    for row in rows:
        address = f"/api/v1/tickets/{row['ticket']}/messages/{row['id']}/recall/"
        assert api(user).post(address).status_code == 200
