"""Which open incidents touch the customer of a ticket, and which tickets may be about an incident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q

from escalation.conditions import says, split_words, texts_of
from escalation.incidents.models import AffectedTicket, Incident, Update
from tickets.models import Message, Ticket
from tickets.people.models import Contact, User

# Open at one time; more than a company can name is no list to choose from.
MOST_OPEN = 50
# Customers often write before somebody declares it.
BEFORE = timedelta(hours=6)
MOST_CANDIDATES = 100
# Of the tickets opened since then; the words of each are read.
MOST_LOOKED_AT = 2_000
LINKED = "This ticket is linked to it."


@dataclass(frozen=True, slots=True)
class Touch:
    """An incident with the reason why it stands on the page of a ticket."""

    incident: Incident
    because: str
    is_linked: bool

    @property
    def told(self) -> str:
        """What was last said to everybody; empty where nothing was."""
        return next((each.text for each in self.incident.told), "")  # type: ignore[attr-defined]


def touching(ticket: Ticket) -> list[Touch]:
    """The open incidents that touch the ticket's customer, the worst first, and linked ones that are
    over; a fixed number of queries, one where nothing is open and nothing linked."""
    linked = AffectedTicket.objects.filter(ticket=ticket, incident=OuterRef("pk"))
    rows = Incident.objects.annotate(is_linked=Exists(linked))
    rows = rows.filter(Q(resolved_at=None) | Q(is_linked=True)).with_reach()
    public = Update.objects.filter(audience=Update.Audience.PUBLIC).order_by("-at", "-pk")
    rows = rows.prefetch_related(Prefetch("updates", public[:1], to_attr="told"))
    found = list(rows.order_by("resolved_at", "-severity", "-started_at", "-pk")[:MOST_OPEN])
    reasons = _Reasons(ticket)
    touches = []
    for incident in found:
        because = LINKED if incident.is_linked else reasons.of(incident)  # type: ignore[attr-defined]
        if because:
            touches.append(Touch(incident, because, incident.is_linked))  # type: ignore[attr-defined]
    return sorted(touches, key=lambda each: (not each.incident.is_open, not each.is_linked))


class _Reasons:
    """What is known of a ticket's customer, asked of the database when an incident wants it."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._products: dict[int, str] | None = None
        self._texts: list[str] | None = None

    def of(self, incident: Incident) -> str:
        """Why it touches them, as a sentence; empty where it does not."""
        house = self._ticket.requester.organization
        if house and any(each.pk == house.pk for each in incident.organizations.all()):
            return f"It touches {house.name}."
        for component in incident.components.all():
            for product in component.products.all():
                if product.pk in self._used():
                    return f"The customer uses {product.name}, which needs {component.name}."
        word = self._written(split_words(incident.words))
        return f"The customer wrote «{word}»." if word else ""

    def _used(self) -> dict[int, str]:
        if self._products is None:
            self._products = dict(self._ticket.requester.products.values_list("pk", "name"))
        return self._products

    def _written(self, wanted: list[str]) -> str:
        if not wanted:
            return ""
        if self._texts is None:
            self._texts = texts_of(self._ticket)
        texts = self._texts
        return next((w for w in wanted if any(says(text, w.casefold()) for text in texts)), "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that may be about an incident; ``is_said`` where the customer's own words mean it."""

    ticket: Ticket
    is_said: bool


def candidates(incident: Incident, user: User) -> list[Candidate]:
    """Open tickets that may be about it, as far as ``user`` sees them: opened since some hours before
    it began, in the words that customers use (these first) or by who uses what is broken; of each
    the newest first."""
    words = split_words(incident.words)
    said = _any("subject__icontains", words)
    if words:
        wrote = Message.objects.filter(ticket=OuterRef("pk"), kind=Message.Kind.CUSTOMER)
        said |= Q(Exists(wrote.filter(_any("body__icontains", words))))
    uses = Contact.products.through.objects.filter(
        contact=OuterRef("requester"), product__components__incidents=incident
    )
    reached = Q(Exists(uses)) | Q(organization__in=incident.organizations.values("pk"))
    linked = AffectedTicket.objects.filter(incident=incident, ticket=OuterRef("pk"))
    since = Ticket.objects.active().filter(opened_at__gte=incident.started_at - BEFORE)
    newest = since.order_by("-opened_at", "-pk").values("pk")[:MOST_LOOKED_AT]
    rows = Ticket.objects.visible_to(user).filter(pk__in=newest).exclude(Exists(linked))
    rows = rows.annotate(means_it=ExpressionWrapper(said, BooleanField()))
    rows = rows.filter(reached | said).for_queue()
    found = list(rows.order_by("-means_it", "-opened_at", "-pk")[:MOST_CANDIDATES])  # type: ignore[misc]
    return [Candidate(each, each.means_it) for each in found]  # type: ignore[attr-defined]


def _any(lookup: str, words: Iterable[str]) -> Q:
    """One of the words; nothing at all where there are none."""
    found = Q(pk=0)
    for word in words:
        found |= Q(**{lookup: word})
    return found
