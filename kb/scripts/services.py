"""Scripts for a ticket or a call, with the customer's and the ticket's fields filled in."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from kb.scripts.models import Script
from kb.scripts.rendering import fill_in, moment
from tickets.access import Action, require
from tickets.calls.models import Call
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.models import Message, Ticket
from tickets.people.models import Contact, Membership, User, zone_called
from tickets.services import drafting
from tickets.services.locking import over

PROMISE = "{expected_by}"
KEYS: dict[str, str] = {Script.Kind.ANGRY: "a", Script.Kind.APOLOGY: "s", Script.Kind.TRANSFER: "t"}


@dataclass(frozen=True)
class Filled:
    """A script ready to be read aloud or put into the composer; ``warning`` is for the agent."""

    script: Script
    text: str
    warning: str

    @property
    def kind(self) -> str:
        """The script's kind, where its name does not say it already."""
        kind = self.script.get_kind_display()
        return "" if kind.lower() in self.script.name.lower() else kind

    @property
    def is_own(self) -> bool:
        """Whether nobody else is offered it."""
        return self.script.owner_id is not None

    @property
    def key(self) -> str:
        """What opens the first script of its kind while one is on the phone."""
        return KEYS.get(self.script.kind, "")


def scripts_for(*, ticket: Ticket, user: User, now: datetime) -> list[Filled]:
    """Every script in use that fits the ticket's category, everybody's and ``user``'s own, filled in;
    a fixed number of queries."""
    fitting = Q(category=None) | Q(category=ticket.category_id)
    return _filled(
        Script.objects.offered_to(user).filter(fitting),
        fields_of(ticket, user, now),
        _passed(ticket, now),
    )


def into_the_reply(*, script: int, ticket: Ticket, author: User, now: datetime) -> None:
    """Puts the words of the script of that number below what ``author`` has typed in their reply.

    Raises NotAllowed, Over on a closed ticket, and Invalid where it does not fit there any more.
    """
    require(author, Action.REPLY, ticket)
    if ticket.status == Status.CLOSED:
        raise over(ticket, "The customer is answered on a new ticket.")
    fitting = scripts_for(ticket=ticket, user=author, now=now)
    text = next((each.text for each in fitting if each.script.pk == script), None)
    if text is None:
        raise Invalid("This script is not offered on this ticket any more.")
    drafting.add(ticket=ticket, author=author, kind=Message.Kind.REPLY.value, text=text, now=now)


def scripts_on(*, call: Call, user: User, now: datetime) -> list[Filled]:
    """The same for who is on the phone, whose ticket and even name need not be known yet."""
    if call.ticket is not None:
        return scripts_for(ticket=call.ticket, user=user, now=now)
    values = ours(user) | (theirs(call.contact) if call.contact else {})
    return _filled(Script.objects.offered_to(user).filter(category=None), values, "")


def _filled(scripts: QuerySet[Script], values: dict[str, str], passed: str) -> list[Filled]:
    return [
        Filled(
            script,
            fill_in(script.body, values | {"moment": moment(script.moment)}),
            passed if PROMISE in script.body else "",
        )
        for script in scripts
    ]


def ours(user: User) -> dict[str, str]:
    return {"agent": user.name, "company": settings.COMPANY_NAME}


def theirs(contact: Contact) -> dict[str, str]:
    product = contact.products.order_by("pk").first()
    return {
        "customer": contact.name,
        "first_name": contact.name.split()[0] if contact.name.strip() else "",
        "organization": contact.organization.name if contact.organization else "",
        "product": product.name if product else "",
    }


def fields_of(ticket: Ticket, user: User, now: datetime) -> dict[str, str]:
    """The vocabulary's values for this ticket and this agent; what is not known is left out.

    So is a promised moment that has passed: nobody can keep it any more.
    """
    contact, due = ticket.requester, ticket.answer_due_at
    leading = Membership.objects.leading().filter(team=ticket.team_id).select_related("user")
    order = ticket.orders.order_by("-placed_at", "-pk").first()
    lead = leading.order_by("user_id").first()
    return {
        **ours(user),
        **theirs(contact),
        "reference": ticket.reference,
        "subject": ticket.subject,
        "team": ticket.team.name,
        "supervisor": lead.user.name if lead else "",
        "order": order.number if order else "",
        "expected_by": f"by {_moment(due, contact.time_zone)}" if due and due > now else "",
    }


def _passed(ticket: Ticket, now: datetime) -> str:
    """What an agent has to know before promising anything, where the promised time is over."""
    due = ticket.answer_due_at
    if due is None or due > now:
        return ""
    moment = _moment(due, ticket.requester.time_zone)
    return f"The time promised, {moment}, has passed: choose a new one."


def _moment(at: datetime, zone: str) -> str:
    """As one would say it, with the zone it is meant in: «Tuesday 3 March, 17:00 New York time»."""
    local_zone = zone_called(zone)
    local, name = at.astimezone(local_zone), local_zone.key
    named = name if name == "UTC" else f"{name.rpartition('/')[2].replace('_', ' ')} time"
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} {named}"
