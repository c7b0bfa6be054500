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
from escalation.models import Clock, Escalation
from kb.defaults import install_defaults as install_knowledge
from kb.models import Article
from kb.offers import services as offering
from kb.offers.models import Budget, Offer
from kb.scripts.models import Macro
from tests.desk.conftest import Opener
from tickets.calls import services as calls
from tickets.files import File
from tickets.models import Attachment, Category, Ticket
from tickets.people.models import Order, Product, User
from tickets.routing.models import Waiting
from tickets.services import absences, bulk, conversation, triage, viewing

# Where something else is to be seen than the desk: for programs, and before one is logged in.
ELSEWHERE = ("api/", "accounts/", "admin/")


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
    return sorted(each for each in named if not _route(each).startswith(ELSEWHERE))


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
    _led(world)
    _seen_in_the_queue(world, opened)
    world.given |= {
        "slug of article": Article.objects.published().earliest("pk").slug,
        "pk of contact": cast.carla.pk,
        "pk of clock": Clock.objects.filter(ticket=ticket).earliest("pk").pk,
        "pk of escalation": Escalation.objects.filter(ticket=ticket).earliest("pk").pk,
        "pk of macro": Macro.objects.get(name="Not for us").pk,
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
    triage.follow(ticket=ticket, user=cast.ben, actor=cast.ana, now=now)
    triage.link(ticket=ticket, other=world.other, kind="related", actor=cast.ana, now=now)
    world.given |= {
        "pk of ticket": held.pk,
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
