"""Every action at the desk that can be refused: what, why, what to do now; and no typed word lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from escalation import raising
from escalation.incidents import services as incidents
from escalation.incidents.models import Incident
from escalation.models import Escalation
from kb.defaults import install_defaults
from kb.models import Article
from kb.offers import services as offering
from kb.offers.models import Grant, Offer
from kb.scripts.models import Macro, Script
from tests.desk.conftest import Opener, opened
from tickets.calls import services as calls
from tickets.calls.models import Callback
from tickets.models import Category, Message, Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

__all__ = ["opened"]
TYPED = "Words that took an hour"
Arranged = tuple[str, dict[str, Any]]


@dataclass
class Scene:
    """A ticket of Carla's with Ana's page open: what she sends carries the version she saw."""

    cast: SimpleNamespace
    opened: Opener
    ticket: Ticket
    grants: list[Grant] = field(default_factory=list)

    def at(self, path: str, **said: Any) -> Arranged:
        return f"/tickets/{self.ticket.reference}/{path}/", said

    def stale(self) -> int:
        """Ben changes the priority after Ana has opened the page; then he notes and follows."""
        seen, now = self.ticket.version, timezone.now()
        triage.set_priority(ticket=self.ticket, priority="urgent", actor=self.cast.ben, now=now)
        conversation.note(ticket=self.ticket, author=self.cast.ben, body="Hm.", now=now)
        triage.follow(ticket=self.ticket, user=self.cast.ben, actor=self.cast.ben, now=now)
        return seen

    def closed(self, status: str = "closed") -> int:
        seen = self.ticket.version
        triage.set_status(
            ticket=self.ticket, status=status, actor=self.cast.ben, now=timezone.now()
        )
        return seen

    def merged(self, **fields: Any) -> Ticket:
        target = self.opened(subject="The same lamp", **fields)
        triage.merge(source=self.ticket, target=target, actor=self.cast.ada, now=timezone.now())
        return target

    def noise(self) -> None:
        """The last event of the ticket, which has nothing to do with anything."""
        who, now = self.cast.ben, timezone.now()
        triage.follow(ticket=self.ticket, user=self.cast.sue, actor=who, now=now)

    def held(self) -> Message:
        now = timezone.now()
        return conversation.reply(
            ticket=self.ticket, author=self.cast.ana, body="A new one leaves today.", now=now
        )

    def credit(self) -> Offer:
        return Offer.objects.get(name="Credit")

    def script(self) -> Script:
        return Script.objects.create(name="Sorry", kind="apology", body="Sorry.")

    def macro(self) -> Macro:
        return Macro.objects.create(name="Taken", takes=True)

    def incident(self) -> Incident:
        return incidents.declare(
            title="Lamps flicker", severity=2, actor=self.cast.ben, now=timezone.now()
        )

    def article(self) -> str:
        return Article.objects.published().earliest("pk").slug

    def given(self) -> Grant:
        return offering.grant(
            ticket=self.ticket, offer=self.credit(), amount=Decimal(5), actor=self.cast.ben,
            now=timezone.now(), key="ben's click",
        )  # fmt: skip

    def known(self) -> Arranged:
        """Sue was shown that nobody knows, and then a reply leaves."""
        row, now = self.given(), timezone.now()
        conversation.reply(ticket=self.ticket, author=self.cast.ana, body=row.offer.words, now=now)
        outbox.deliver_due(now + timedelta(hours=2))
        return self.at(f"offers/{row.pk}/reverse", reason=TYPED, untold="1")

    def reversed_words(self) -> Arranged:
        row, now = self.given(), timezone.now()
        offering.reverse(grant=row, actor=self.cast.sue, reason="A slip", now=now)
        return self.at("reply", body=row.offer.words)

    def asked(self) -> Grant:
        return offering.request_approval(
            ticket=self.ticket, offer=self.credit(), amount=Decimal(100), actor=self.cast.ana,
            now=timezone.now(), key="ana's click", reason="Third lamp",
        )  # fmt: skip

    def handed_over(self) -> Escalation:
        return raising.hand_over(
            ticket=self.ticket, actor=self.cast.ben, reason="Too angry", now=timezone.now()
        )

    def taken_over(self) -> None:
        raising.take_over(ticket=self.ticket, actor=self.cast.sue, now=timezone.now())


@pytest.fixture
def scene(cast: SimpleNamespace, opened: Opener) -> Scene:
    install_defaults(now=timezone.now())
    fault = Category.objects.create(name="Fault", nature="problem")
    return Scene(cast, opened, opened(category=fault))


@dataclass(frozen=True)
class Case:
    """``words`` must stand on the page that answers ``does``; ``not_said`` must not."""

    name: str
    does: Callable[[Scene], Arranged]
    words: tuple[str, ...]
    who: str = "ana"
    keeps: str = ""
    not_said: tuple[str, ...] = ("noise",)
    status: tuple[int, ...] = (409, 422)


def properties(its: Scene, seen: int, **changed: Any) -> Arranged:
    ticket = its.ticket
    said = {"status": "new", "priority": "normal", "category": ticket.category_id,
            "team": ticket.team_id, "assignee": ""}  # fmt: skip
    return its.at("properties", **said | {"version": seen} | changed)


def then(first: Callable[[Scene], Any], do: Callable[[Scene, Any], Arranged]) -> Any:
    """What happens meanwhile, then noise, then what Ana does."""

    def both(its: Scene) -> Arranged:
        outcome = first(its)
        its.noise()
        return do(its, outcome)

    return both


FASTER = ("Ben changed the priority: normal → urgent, just now.", "do it again if it still fits")
CLOSED = ("Ben changed the status: new → closed, just now.", "is closed.")
STAYS = (*CLOSED, "What is closed stays as it is; only a note can be added.")
MERGED = ("Ada merged this ticket into", "just now: go on there.")
LEFT = "has already left"


def sent(its: Scene) -> Message:
    message = its.held()
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    return message


def recalled(its: Scene) -> Message:
    message = its.held()
    conversation.recall(message=message, actor=its.cast.ben, now=timezone.now())
    return message


def edited(its: Scene) -> tuple[Message, int]:
    message = its.held()
    seen = message.version
    conversation.edit_held(message=message, actor=its.cast.ben, body="Ben's.", now=timezone.now())
    return message, seen


def promised(its: Scene) -> Callback:
    now = timezone.now()
    return calls.promise_callback(
        ticket=its.ticket, due_at=None, actor=its.cast.ben, because="Owed", now=now
    )


def decided(its: Scene) -> Grant:
    return offering.approve(grant=its.asked(), actor=its.cast.sue, now=timezone.now())


def acknowledged(its: Scene) -> Escalation:
    row = its.handed_over()
    return raising.acknowledge(escalation=row, actor=its.cast.sue, now=timezone.now())


def handed_back(its: Scene) -> None:
    its.taken_over()
    raising.hand_back(ticket=its.ticket, actor=its.cast.sue, note="Yours", now=timezone.now())


def offer(its: Scene, **said: Any) -> Arranged:
    return its.at(
        "offers/make", offer=its.credit().pk, key="k", **{"amount": "7.77", "grant": "1"} | said
    )


CASES = [
    Case("ticket-reply", lambda its: its.at("reply", body=TYPED, version=its.stale()), FASTER, keeps=TYPED),
    Case("ticket-reply", lambda its: its.at("reply", body=TYPED, version=its.closed()),
         (*CLOSED, "Open a new ticket for the customer and send your reply there."), keeps=TYPED),
    Case("ticket-reply", lambda its: its.at("reply", body=TYPED, status_after="pending", version=its.closed()),
         STAYS, keeps=TYPED),
    Case("ticket-reply",
         lambda its: its.at("reply", body=TYPED, status_after="pending", version=its.closed("solved")),
         ("A ticket that is solved cannot become pending.", "Ben changed the status: new → solved, just now."),
         keeps=TYPED),
    Case("ticket-reply", then(Scene.merged, lambda its, _: its.at("reply", body=TYPED)), MERGED, keeps=TYPED),
    Case("ticket-note", then(Scene.merged, lambda its, _: its.at("note", body=TYPED)), MERGED, keeps=TYPED),
    Case("ticket-progress", then(lambda its: its.closed("solved"), lambda its, _: its.at("progress", body=TYPED)),
         ("Ben changed the status: new → solved", "open it again, or reply"), keeps=TYPED),
    Case("ticket-progress", lambda its: (its.closed(), its.at("progress", body=TYPED))[1], CLOSED, keeps=TYPED),
    Case("ticket-call", then(Scene.merged, lambda its, _: its.at(
        "calls", direction="outbound", outcome="reached", minutes="5", summary=TYPED)), MERGED, keeps=TYPED),
    Case("ticket-call", lambda its: its.at(
        "calls", direction="outbound", outcome="reached", minutes="soon", summary=TYPED), ("Minutes it lasted",), keeps=TYPED),
    Case("callback-withdraw", then(promised, lambda its, it: its.at(
        f"callbacks/{it.pk}/withdraw", because=TYPED * 40)), ("at most 200 characters",), keeps=TYPED),
    Case("ticket-properties", lambda its: properties(its, its.stale(), priority="low"), FASTER),
    Case("ticket-properties", lambda its: properties(its, its.closed(), priority="low"), STAYS),
    Case("ticket-properties", lambda its: properties(its, its.closed("solved"), status="pending"),
         ("A ticket that is solved cannot become pending.", "Ben changed the status: new → solved")),
    Case("ticket-properties", lambda its: properties(its, its.ticket.version, assignee="99999"),
         ("This person does not work here any more.",)),
    Case("ticket-take", lambda its: its.at("take", version=its.stale()), FASTER),
    Case("ticket-take", lambda its: its.at("take", version=its.closed()), STAYS),
    Case("ticket-subject", lambda its: its.at("subject", subject=TYPED, version=its.stale()), FASTER, keeps=TYPED),
    Case("ticket-subject", lambda its: its.at("subject", subject=TYPED, version=its.closed()), STAYS, keeps=TYPED),
    Case("ticket-tags", lambda its: its.at("tags", tags=TYPED, version=its.stale()), FASTER, keeps=TYPED),
    Case("ticket-requester", lambda its: its.at("requester", email="new@acme.example", version=its.stale()),
         FASTER, keeps="new@acme.example"),
    Case("ticket-requester", lambda its: its.at("requester", email="new@acme.example", version=its.closed()),
         STAYS, keeps="new@acme.example"),
    Case("ticket-order", lambda its: its.at("order", order="NL-404"),
         ("This customer has no order of this number.",), keeps="NL-404"),
    Case("ticket-notes", lambda its: its.at("notes", notes=TYPED, seen="others"),
         ("Somebody changed these notes after you opened them.",), keeps=TYPED),
    Case("ticket-link", lambda its: its.at("link", kind="related", reference="HD-NNNNNN"),
         ("There is no ticket with this reference",), keeps="HD-NNNNNN"),
    Case("ticket-link", lambda its: its.at("link", kind="related", reference=its.ticket.reference),
         ("A ticket cannot be linked to itself.",)),
    Case("ticket-merge", lambda its: its.at("merge", reference=its.opened().reference, version=its.stale()), FASTER),
    Case("ticket-merge", lambda its: its.at("merge", reference=its.opened().reference, version=its.closed()),
         (*CLOSED, "Only what is not closed can be merged.")),
    Case("ticket-merge", then(Scene.merged, lambda its, _: its.at("merge", reference=its.opened().reference)), MERGED),
    Case("ticket-split", lambda its: its.at(
        "split", subject=TYPED, messages=[its.ticket.messages.get().pk], version=its.stale()), FASTER, keeps=TYPED),
    Case("ticket-split", lambda its: its.at("split", subject=TYPED, messages=[its.ticket.messages.get().pk]),
         ("Leave at least one message of the customer here.",), keeps=TYPED),
    Case("ticket-split", lambda its: its.at(
        "split", subject=TYPED, messages=[its.ticket.messages.get().pk], version=its.closed()), STAYS, keeps=TYPED),
    Case("ticket-edit-held", then(sent, lambda its, it: its.at(f"messages/{it.pk}/edit", body=TYPED)), (LEFT,), keeps=TYPED),
    Case("ticket-edit-held", then(recalled, lambda its, it: its.at(f"messages/{it.pk}/edit", body=TYPED)),
         ("Ben recalled this reply",), keeps=TYPED),
    Case("ticket-edit-held", then(edited, lambda its, it: its.at(
        f"messages/{it[0].pk}/edit", body=TYPED, version=it[1])), ("Ben edited this reply after you opened it",), keeps=TYPED),
    Case("ticket-recall", then(sent, lambda its, it: its.at(f"messages/{it.pk}/recall")), (LEFT,), status=(200,)),
    Case("ticket-recall", then(recalled, lambda its, it: its.at(f"messages/{it.pk}/recall")),
         ("Ben recalled this reply",), status=(200,)),
    Case("ticket-send-now", then(recalled, lambda its, it: its.at(f"messages/{it.pk}/send-now")),
         ("Ben recalled this reply",), status=(200,)),
    Case("ticket-hand-over", then(Scene.handed_over, lambda its, _: its.at("hand-over", reason=TYPED)),
         ("Ben has handed this ticket to a supervisor already, who has not answered yet.",), keeps=TYPED),
    Case("ticket-hand-over", then(Scene.taken_over, lambda its, _: its.at("hand-over", reason=TYPED)),
         ("Sue has taken this ticket over already", "in a note"), keeps=TYPED),
    Case("ticket-hand-over", lambda its: (its.closed(), its.at("hand-over", reason=TYPED))[1],
         (*CLOSED, "nothing to hand over"), keeps=TYPED),
    Case("ticket-take-over", then(Scene.taken_over, lambda its, _: its.at("take-over", note=TYPED)),
         ("You have taken this ticket over already",), who="sue", keeps=TYPED),
    Case("ticket-take-over", then(Scene.taken_over, lambda its, _: its.at("take-over", note=TYPED)),
         ("Sue took this ticket over just now", "Take it over from Sue?"), who="ada", keeps=TYPED),
    Case("ticket-take-over", lambda its: (its.closed("solved"), its.at("take-over", note=TYPED))[1],
         ("Ben changed the status: new → solved", "nothing to take over"), who="sue", keeps=TYPED),
    Case("ticket-hand-back", then(handed_back, lambda its, _: its.at("hand-back", note=TYPED)),
         ("handed back already",), who="sue", keeps=TYPED),
    Case("ticket-hand-back", then(Scene.taken_over, lambda its, _: its.at("hand-back", note=TYPED)),
         ("Sue has taken this ticket over, and only they hand it back",), who="ada", keeps=TYPED),
    Case("escalation-acknowledge", then(acknowledged, lambda its, it: its.at(f"escalations/{it.pk}/acknowledge")),
         ("Sue has acknowledged this already.",), who="ada"),
    Case("escalation-acknowledge", then(Scene.handed_over, lambda its, it: its.at(f"escalations/{it.pk}/acknowledge")),
         ("You may not acknowledge an escalation.", "Back to HD-"), status=(403,)),
    Case("macro-use", lambda its: (its.closed(), its.at(f"macros/{its.macro().pk}"))[1],
         (*CLOSED, "«Taken» was not used.", "Nothing is changed on it any more."), status=(200,)),
    Case("macro-use", then(lambda its: its.macro(), lambda its, it: its.at(f"macros/{it.pk}", version=0)),
         ("«Taken» was not used.",)),
    Case("script-words", lambda its: (its.closed(), its.at(f"scripts/{its.script().pk}/words"))[1],
         (*CLOSED, "The customer is answered on a new ticket."), status=(200,)),
    Case("article-words", lambda its: (its.closed(), its.at(f"articles/{its.article()}/words"))[1],
         (*CLOSED, "Nothing is written on it any more."), status=(200,)),
    Case("offer-make", then(Scene.given, lambda its, _: offer(its)),
         ("Credit is granted on this ticket already, by Ben",), keeps="7.77"),
    Case("offer-make", lambda its: (its.closed(), offer(its))[1], (*CLOSED, "Nothing is offered on it any more"), keeps="7.77"),
    Case("offer-make", then(Scene.merged, lambda its, _: offer(its, ask="1", reason=TYPED)), MERGED, keeps=TYPED),
    Case("offer-make", lambda its: offer(its, amount="499"), ("can approve more",), keeps="499"),
    Case("offer-approve", then(decided, lambda its, it: its.at(f"offers/{it.pk}/approve")),
         ("This was granted already, by Sue.",), who="ada"),
    Case("offer-approve", then(Scene.asked, lambda its, it: (its.closed(), its.at(f"offers/{it.pk}/approve"))[1]),
         ("Ben changed the status: new → closed", "refuse it"), who="sue"),
    Case("offer-refuse", then(decided, lambda its, it: its.at(f"offers/{it.pk}/refuse", reason=TYPED)),
         ("This was granted already, by Sue.",), who="ada", keeps=TYPED),
    Case("offer-words", then(Scene.asked, lambda its, it: its.at(f"offers/{it.pk}/words")),
         ("waiting for approval: the customer is told nothing of it.",), who="sue"),
    Case("offer-told", then(Scene.asked, lambda its, it: its.at(f"offers/{it.pk}/told")),
         ("This still waits for approval.", "nothing to tell the customer")),
    Case("offer-reverse", lambda its: its.known(), ("a reply of Ana has left that tells the customer of it",),
         who="sue", keeps=TYPED, not_said=()),
    Case("ticket-reply", lambda its: its.reversed_words(), ("was reversed by Sue (A slip)",),
         keeps="To make up for it we have put a credit of {amount} on your account."),
    Case("offer-reverse", then(Scene.asked, lambda its, it: its.at(f"offers/{it.pk}/reverse", reason=TYPED)),
         ("This still waits for approval.",), who="sue", keeps=TYPED),
    Case("ticket-incident-link", then(Scene.merged, lambda its, _: its.at(f"incidents/{its.incident().pk}/link")), MERGED),
    Case("ticket-incident-unlink", lambda its: its.at(f"incidents/{its.incident().pk}/unlink"),
         ("is not linked to INC-", "any more.")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_refusal_says_what_why_and_what_to_do_and_keeps_what_was_typed(
    scene: Scene, case: Case
) -> None:
    address, said = case.does(scene)
    client = Client()
    client.force_login(getattr(scene.cast, case.who))
    answer = client.post(address, said)
    if answer.status_code == 302:
        answer = client.get(answer.headers["Location"].partition("#")[0])
    page = " ".join(unescape(answer.content.decode()).split())
    told = page[page.find("<main") :]
    assert answer.status_code in case.status, told
    for words in case.words:
        assert words in told
    alarms = [part.partition("</")[0] for part in told.split('role="alert"')[1:]]
    for words in case.not_said:
        assert not any(words in alarm for alarm in alarms)
    if case.keeps:
        typed = f"{case.keeps}</textarea>" in told or f'value="{case.keeps}"' in told
        assert typed, told


# What nothing on the ticket can stand in the way of.
NEVER_REFUSED = {
    "ticket-follow",
    "ticket-unfollow",
    "ticket-new",
    "ticket-draft",
    "ticket-presence",
    "ticket-seen",
    "ticket-preview",
    "ticket-edit-preview",
    "own-script-keep",
}


def test_the_table_walks_every_action_there_is(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.ada)
    acting = set()
    for name in filter(lambda key: isinstance(key, str), get_resolver().reverse_dict):
        route = get_resolver().reverse_dict.getlist(name)[0][0][0][0]
        if not route.startswith("tickets/") or "files" in route:
            continue
        given = {"ref": scene.ticket.reference, "pk": 10**9, "kind": "note", "slug": "none"}
        address = "/" + route % given
        # Where only reading is allowed a POST is 405; an action is refused, done or not found.
        if client.post(address).status_code != 405:
            acting.add(name)
    assert acting - NEVER_REFUSED == {case.name for case in CASES}


def test_a_merged_ticket_is_linked_only_for_who_may_see_where_it_went(scene: Scene) -> None:
    target = scene.merged(team=scene.cast.billing)
    link = f'<a href="/tickets/{target.reference}/">'
    for who, linked in (("ana", False), ("ada", True)):
        client = Client()
        client.force_login(getattr(scene.cast, who))
        page = client.get(f"/tickets/{scene.ticket.reference}/").content.decode()
        address, said = scene.at("note", body=TYPED)
        refused = client.post(address, said)
        assert refused.status_code == 422
        for told in (page, refused.content.decode()):
            assert f"merged into {link}" in told if linked else link not in told
            assert target.reference in told
        advice = "go on there" if linked else "ask Ada to go on there"
        assert f"just now: {advice}." in refused.content.decode()
    assert not scene.ticket.messages.filter(kind="note").exists()


def test_what_was_typed_into_a_ticket_that_went_out_of_sight_is_kept(
    scene: Scene, cast: SimpleNamespace
) -> None:
    triage.move_to_team(ticket=scene.ticket, team=cast.billing, actor=cast.sue, now=timezone.now())
    client = Client()
    client.force_login(cast.ana)
    address, said = scene.at("reply", body=TYPED)
    answer = client.post(address, said)
    assert answer.status_code == 404
    assert f"{TYPED}</textarea>" in answer.content.decode()
    stranger = Client().post("/tickets/nothing/here/", said)
    assert TYPED not in stranger.content.decode()


def test_what_was_typed_by_who_may_not_is_kept_and_leads_back(
    scene: Scene, cast: SimpleNamespace
) -> None:
    triage.involve(ticket=scene.ticket, user=cast.max, because="Lamps", now=timezone.now())
    client = Client()
    client.force_login(cast.max)
    address, said = scene.at("reply", body=TYPED)
    page = client.post(address, said).content.decode()
    assert "You may not answer the customer." in page
    assert f"{TYPED}</textarea>" in page
    assert f'href="/tickets/{scene.ticket.reference}/"' in page


def test_a_refused_part_of_a_page_says_so_in_its_place(scene: Scene, cast: SimpleNamespace) -> None:
    triage.involve(ticket=scene.ticket, user=cast.max, because="Lamps", now=timezone.now())
    client = Client()
    client.force_login(cast.max)
    address, said = offer(scene)
    answer = client.post(address, said, headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "You may not make an offer." in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_ticket_one_sees_but_may_not_change_is_refused_as_a_target_at_the_field(
    scene: Scene, cast: SimpleNamespace
) -> None:
    now, target = timezone.now(), scene.opened()
    triage.assign(ticket=scene.ticket, assignee=cast.max, actor=cast.sue, now=now)
    triage.involve(ticket=target, user=cast.max, because="Lamps", now=now)
    client = Client()
    client.force_login(cast.max)
    address, said = scene.at("merge", reference=target.reference)
    answer = client.post(address, said)
    assert answer.status_code == 422
    assert f"You see {target.reference}, but may not change it" in answer.content.decode()


@pytest.mark.parametrize("what", ["recall", "send-now", "edit"])
def test_a_held_reply_that_a_merge_took_along_is_still_answered_to(
    scene: Scene, cast: SimpleNamespace, what: str
) -> None:
    message, target = scene.held(), None
    target = scene.merged()
    client = Client()
    client.force_login(cast.ana)
    address, said = scene.at(f"messages/{message.pk}/{what}", body=TYPED)
    answer = client.post(address, said)
    assert answer.status_code == 302
    assert f"/tickets/{target.reference}/" in answer.headers["Location"]
