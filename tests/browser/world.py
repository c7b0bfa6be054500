"""A company in the middle of a day, and every address of its desk."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from escalation import raising
from escalation.defaults import install_defaults as install_clocks
from escalation.incidents import services as incidents
from escalation.incidents import tokens
from escalation.incidents.models import ANSWERS, Component, Subscriber
from escalation.models import Clock, Escalation
from kb import proposing
from kb.defaults import install_defaults as install_knowledge
from kb.models import Article
from kb.offers import services as offering
from kb.offers.models import Budget, Offer
from kb.scripts.models import Macro, Script, Template
from tests.desk.conftest import Opener
from tests.inbound.test_letters import html_mail
from tickets.calls import services as calls
from tickets.files import File
from tickets.inbound.models import RawMail
from tickets.models import Attachment, Category, Ticket
from tickets.people.models import Order, Product, User
from tickets.routing.models import Waiting
from tickets.services import absences, bulk, conversation, triage, viewing

# Where something else is to be seen than the desk: for programs, and before one is logged in.
ELSEWHERE = ("api/", "accounts/", "admin/")
# What a page draws within itself.
WITHIN = {"ticket-original-frame", "ticket-picture"}


@dataclass
class World:
    """Carla's third wrong lamp in Ana's hands, with everything that can belong to a ticket."""

    cast: SimpleNamespace
    ticket: Ticket
    other: Ticket
    given: dict[str, object] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The address of a name of the URL conf; a KeyError for what no test knows yet."""
        route, names = get_resolver().reverse_dict.getlist(name)[0][0][0]
        return "/" + route % {each: self._given(name, each) for each in names}

    def _given(self, name: str, what: str) -> object:
        if what == "ref":
            return self.ticket.reference
        own = f"{name} {what}"
        return self.given[own if own in self.given else f"{what} of {name.split('-')[0]}"]


def names() -> list[str]:
    """Every named address of the desk."""
    found = get_resolver().reverse_dict
    named = {each for each in found if isinstance(each, str)}
    return sorted(each for each in named - WITHIN if not _route(each).startswith(ELSEWHERE))


def _route(name: str) -> str:
    return str(get_resolver().reverse_dict.getlist(name)[0][0][0][0])


def shown_to(world: World, name: str) -> tuple[User, str, bool] | None:
    """Who sees a page or a part of one there, at which address, and whether it is a whole page.

    None where nothing is to be seen: what is sent there is done, or it is for programs.
    """
    address = world.address(name)
    for person in (world.cast.sue, world.cast.ana, world.cast.ben, world.cast.ada):
        client = Client()
        client.force_login(person)
        answer = client.get(address)
        if answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]:
            return person, address, b"<html" in answer.content
    return None


def in_the_middle_of_a_day(cast: SimpleNamespace, opened: Opener) -> World:
    now = timezone.now()
    install_clocks(now=now - timedelta(days=1))
    install_knowledge(now=now - timedelta(days=1))
    fault = Category.objects.create(name="Fault", nature="problem")
    cast.carla.products.add(Product.objects.create(name="Lamp 3000"))
    for each in (cast.support, cast.billing):
        Budget.objects.create(team=each, month=now.date().replace(day=1), amount=1000)
    order = Order.objects.create(
        number="A-1001",
        contact=cast.carla,
        amount=Decimal("500.01"),
        placed_at=now,
        summary="A lamp",
    )
    ticket = opened(subject="The third wrong lamp", category=fault, tags=["vip"], assignee=cast.ana)
    ticket.orders.add(order)
    other = opened(subject="Another lamp", requester=cast.carl)
    world = World(cast, ticket, other)
    _said(world)
    _called(world)
    _offered(world)
    _written(world)
    _led(world)
    _broken(world)
    _seen_in_the_queue(world, opened)
    world.given |= {
        "slug of article": Article.objects.published().earliest("pk").slug,
        "pk of contact": cast.carla.pk,
        "pk of customer": cast.carla.pk,
        "pk of company": cast.acme.pk,
        "pk of clock": Clock.objects.filter(ticket=ticket).earliest("pk").pk,
        "pk of escalation": Escalation.objects.filter(ticket=ticket).earliest("pk").pk,
        "pk of script": Script.objects.earliest("pk").pk,
        "pk of macro": Macro.objects.get(name="Not for us").pk,
        "bulk-macro pk": Macro.objects.get(name="Not for us").pk,
        "pk of template": Template.objects.earliest("pk").pk,
        "kind of ticket": "reply",
        "key of queue": "filter",
    }
    return world


def _said(world: World) -> None:
    """A reply that is held, a note with a file, a reply that did not arrive, a draft."""
    ticket, cast, now = world.ticket, world.cast, timezone.now()
    file = File("plan.txt", b"one")
    note = conversation.note(
        ticket=ticket, author=cast.ben, body="Known since May. @ana", now=now, mentions=[cast.ana],
        files=[file],
    )  # fmt: skip
    lost = conversation.reply(ticket=ticket, author=cast.ana, body="It is on its way.", now=now)
    conversation.send_now(message=lost, actor=cast.ana, now=now)
    lost.mail.deliveries.update(state="dead", last_error="550 no such user")  # type: ignore[union-attr]
    held = conversation.reply(ticket=ticket, author=cast.ana, body="A new one leaves.", now=now)
    wrote = ticket.messages.filter(kind="customer").earliest("pk")
    raw = html_mail('<p>It <i>flickers</i>.</p><img src="https://evil.example/seen.png">')
    RawMail.objects.create(
        raw=raw, sha256="one", source="test", size=len(raw), received_at=now, state="processed",
        ticket=ticket, message=wrote,
    )  # fmt: skip
    ticket.messages.filter(pk=wrote.pk).update(message_id="<html@acme.example>")
    triage.follow(ticket=ticket, user=cast.ben, actor=cast.ana, now=now)
    triage.link(ticket=ticket, other=world.other, kind="related", actor=cast.ana, now=now)
    world.given |= {
        "pk of ticket": held.pk,
        "ticket-original pk": wrote.pk,
        "ticket-message pk": note.pk,
        "ticket-attachment pk": Attachment.objects.get(message=note).pk,
    }


def _called(world: World) -> None:
    """A call that is over, one that Ana is on with the caller on hold, and one that is owed."""
    ticket, cast, now = world.ticket, world.cast, timezone.now()
    owed = calls.promise_callback(
        ticket=ticket, due_at=now + timedelta(hours=2), actor=cast.ana, because="The price", now=now
    )
    calls.log_call(
        ticket=ticket, contact=cast.carla, direction="inbound", outcome="reached", started_at=now,
        ended_at=now, summary="She shouts.", actor=cast.ana, now=now,
    )  # fmt: skip
    call = calls.begin(direction="inbound", actor=cast.ana, now=now, number_called="+1 555 0100")
    calls.attach(call=call, ticket=ticket, actor=cast.ana, now=now)
    calls.hold(call=call, actor=cast.ana, now=now, because="I look it up")
    unknown = calls.begin(direction="inbound", actor=cast.ben, now=now, number_called="+1 555 0199")
    world.given |= {"pk of call": call.pk, "call-ticket pk": unknown.pk, "pk of callback": owed.pk}


def _offered(world: World) -> None:
    """One grant given, one asked for."""
    ticket, cast, now = world.ticket, world.cast, timezone.now()
    given = {"ticket": ticket, "actor": cast.ana, "now": now}
    offering.grant(offer=Offer.objects.get(name="Discount"), amount=Decimal(5), key="one", **given)  # type: ignore[arg-type]
    asked = offering.request_approval(
        offer=Offer.objects.get(name="Credit"), amount=Decimal(40), key="two", reason="Third lamp",
        **given,  # type: ignore[arg-type]
    )  # fmt: skip
    world.given["pk of offer"] = asked.pk


def _written(world: World) -> None:
    """Two drafts of Ana's that wait, one that was set aside, and a script that she keeps."""
    cast, now = world.cast, timezone.now()
    given = {"body": "They hum.", "audience": "public", "author": cast.ana, "now": now}
    for title in ("Lamps that hum", "Lamps that flicker"):
        proposing.propose(title=title, **given)  # type: ignore[arg-type]
    aside = proposing.propose(title="Lamps that sing", **given)  # type: ignore[arg-type]
    proposing.set_aside(article=aside, version=1, reason="None does.", actor=cast.sue, now=now)
    own = Script.objects.create(name="My goodbye", kind="reply", body="Yours, Ana", owner=cast.ana)
    world.given["pk of own"] = own.pk


def _led(world: World) -> None:
    """Handed over, told to Sue and Eve; Ben is out; one ticket found nobody."""
    ticket, cast, now = world.ticket, world.cast, timezone.now()
    row = raising.hand_over(ticket=ticket, actor=cast.ana, reason="She wants a manager", now=now)
    row.steps.update(remark="Sue is out.")
    ticket.involvements.get_or_create(user=cast.eve, defaults={"because": "asked", "since": now})
    absence = absences.plan(
        person=cast.ben, starts_at=now, ends_at=now + timedelta(days=2), actor=cast.sue, now=now,
        note="At the fair", deputy=cast.ana,
    )  # fmt: skip
    Waiting.objects.create(ticket=world.other, because="Nobody is at work", since=now, tried_at=now)
    world.given["pk of absence"] = absence.pk


def _broken(world: World) -> None:
    """An incident that everybody can read of, one that only the staff know, one that is over."""
    ticket, cast, now = world.ticket, world.cast, timezone.now()
    lamps = Component.objects.create(name="Lamp firmware", description="What lamps run")
    lamps.products.set(cast.carla.products.all())
    said = {each.field: f"About it: {each.field}." for each in ANSWERS}
    given = {"severity": 2, "actor": cast.ana, "now": now, "lead": cast.sue}
    open_now = incidents.declare(
        title="Lamps flicker", responders=cast.support, components=[lamps], said=said,
        organizations=[cast.acme], customers_write="flickers", tickets=[ticket], **given,  # type: ignore[arg-type]
    )  # fmt: skip
    incidents.say(
        incident=open_now, text="We know and are on it.", actor=cast.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    open_now.updates.earliest("pk").tellings.create(
        ticket=world.other, state="not_told", next_at=now, settled_at=now, because="No address."
    )
    incidents.declare(title="Bills are late", **given)  # type: ignore[arg-type]
    over = incidents.declare(title="No light at all", **given)  # type: ignore[arg-type]
    incidents.say(incident=over, text="It is over.", actor=cast.sue, now=now, state="resolved")
    world.given |= {
        "pk of incident": open_now.pk,
        "ticket-incident-link pk": open_now.pk,
        "ticket-incident-unlink pk": open_now.pk,
        "bulk-incident pk": open_now.pk,
        "bulk-incident-link pk": open_now.pk,
    }
    reader = Subscriber.objects.create(email="reader@home.example", asked_at=now)
    world.given |= {
        "pk of status": open_now.pk,
        "status-confirm token": tokens.to_confirm(reader.key, now),
        "status-unsubscribe token": tokens.to_leave(reader.key),
    }


def _seen_in_the_queue(world: World, opened: Opener) -> None:
    """A view of Sue's for her team, a change of many that can be undone, and a merged ticket."""
    cast, now = world.cast, timezone.now()
    view = viewing.save_view(
        owner=cast.sue, name="Fires", query="tab=all&tag=vip", columns=["tags", "who"],
        sharing="team", team=cast.support,
    )  # fmt: skip
    old = opened(subject="An old lamp", requester=cast.carla)
    deed = bulk.carry_out(
        references={old.reference: None, "HD-NNNNNN": None}, wanted={"priority": "urgent"},
        actor=cast.sue, now=now, key=uuid4(),
    )  # fmt: skip
    world.given |= {"pk of queue": view.pk, "pk of bulk": deed.pk}
