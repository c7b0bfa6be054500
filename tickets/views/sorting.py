"""Triage from the ticket page: properties, subject, tags, followers, links, merge and split."""

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tickets.access import Action, NotAllowed, ticket_for
from tickets.errors import Invalid
from tickets.forms import (
    DeskForm,
    LinkForm,
    MergeForm,
    OrderForm,
    PropertiesForm,
    RequesterForm,
    SplitForm,
    SubjectForm,
    TagsForm,
    VersionedForm,
)
from tickets.lifecycle import Status
from tickets.models import Category, Message, Ticket
from tickets.people.models import Team, User
from tickets.people.services import contact_for
from tickets.references import normalise
from tickets.services import changes, triage
from tickets.services.orders import order_of
from tickets.views.acting import Act, act
from tickets.views.away import told
from tickets.views.signed_in import posted, reader, writes

# So many of the customer's other tickets are offered to merge into.
TO_KEEP = 8
_MODELS: dict[str, Any] = {"team": Team, "assignee": User, "category": Category}


@posted
def properties(request: HttpRequest, ref: str) -> HttpResponse:
    """Only what differs from the ticket is changed, all of it or nothing."""

    def do(its: Act) -> str:
        wanted = {name: _object(name, value) for name, value in its.said["wanted"].items()}
        form = cast(PropertiesForm, its.form)
        if form.says_when() and (until := form.comes_back_by(its.now)) != its.ticket.comes_back_at:
            wanted["comes_back_at"] = until
        if not wanted:
            return "Nothing was different, so nothing was changed."
        _change(its, wanted)
        return told("Saved.", wanted.get("assignee"), its.now)

    return act(request, ref, PropertiesForm, Action.TRIAGE, do, "Saved.")


@posted
def take(request: HttpRequest, ref: str) -> HttpResponse:
    """The reader becomes the assignee."""

    def do(its: Act) -> object:
        return _change(its, {"assignee": its.actor})

    return act(request, ref, VersionedForm, Action.TRIAGE, do, "It is yours now.")


@posted
def subject(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> object:
        return _change(its, {"subject": its.said["subject"]})

    return act(request, ref, SubjectForm, Action.TRIAGE, do, "The subject is changed.")


@posted
def tags(request: HttpRequest, ref: str) -> HttpResponse:
    """The tags become what was typed."""

    def do(its: Act) -> object:
        present = {tag.name.lower(): tag.name for tag in its.ticket.tags.all()}
        typed = {name.lower(): name for name in its.said["tags"]}
        wanted = {
            "add_tags": [typed[key] for key in typed.keys() - present.keys()],
            "remove_tags": [present[key] for key in present.keys() - typed.keys()],
        }
        return _change(its, {name: sorted(each) for name, each in wanted.items() if each})

    return act(request, ref, TagsForm, Action.TRIAGE, do, "The tags are saved.")


@posted
def requester(request: HttpRequest, ref: str) -> HttpResponse:
    """Another customer asks: found by their address, or made."""

    def do(its: Act) -> object:
        with transaction.atomic():  # nobody is made for a change that is refused
            who = contact_for(email=its.said["email"], name=its.said["name"], now=its.now)
            return triage.change_requester(
                ticket=its.ticket, requester=who, actor=its.actor, now=its.now,
                expected_version=its.version,
            )  # fmt: skip

    return act(request, ref, RequesterForm, Action.TRIAGE, do, "The customer is changed.")


@posted
def order(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> object:
        found = order_of(customer=its.ticket.requester, number=its.said["order"])
        return triage.link_order(ticket=its.ticket, order=found, actor=its.actor, now=its.now)

    return act(request, ref, OrderForm, Action.TRIAGE, do, "The order is linked.")


@posted
def follow(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> object:
        return triage.follow(ticket=its.ticket, user=its.actor, actor=its.actor, now=its.now)

    return act(request, ref, DeskForm, Action.READ, do, "You follow this ticket.")


@posted
def unfollow(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> object:
        return triage.unfollow(ticket=its.ticket, user=its.actor, actor=its.actor, now=its.now)

    return act(request, ref, DeskForm, Action.READ, do, "You no longer follow this ticket.")


@posted
def link(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> str:
        other = _other(its)
        triage.link(
            ticket=its.ticket, other=other, kind=its.said["kind"], actor=its.actor, now=its.now
        )
        return f"Linked with {other.reference}."

    return act(request, ref, LinkForm, Action.TRIAGE, do, "Linked.")


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, ref: str) -> HttpResponse:
    """A page that says what will happen, then does it and shows the ticket that stays."""

    def do(its: Act) -> Ticket:
        target = _other(its, Action.TRIAGE)
        triage.merge(
            source=its.ticket,
            target=target,
            actor=its.actor,
            now=its.now,
            expected_version=its.version,
            other_customer=its.said["other_customer"],
        )
        return target

    done = "Merged: both conversations are here now."
    return _own_page(request, ref, MergeForm, do, done, "tickets/merge.html")


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, ref: str) -> HttpResponse:
    """A page to choose the messages that get a ticket of their own, which is then shown."""

    def do(its: Act) -> Ticket:
        chosen = its.ticket.messages.filter(pk__in=its.said["messages"])
        return triage.split(
            ticket=its.ticket,
            messages=list(chosen),
            subject=its.said["subject"],
            actor=its.actor,
            now=its.now,
            expected_version=its.version,
        )

    done = "Split off: this is the new ticket, with clocks of its own."
    return _own_page(request, ref, SplitForm, do, done, "tickets/split.html")


def _own_page(
    request: HttpRequest, ref: str, form_class: type[DeskForm], do: Any, done: str, template: str
) -> HttpResponse:
    def page(_: HttpRequest, ticket: Ticket, form: DeskForm, status: int) -> HttpResponse:
        context = {
            "ticket": ticket,
            "form": form,
            "said": _begun(ticket) if form.key == "split" else (),
            "theirs": _to_keep(ticket, reader(request)) if form.key == "merge" else (),
            "other": _of_another(request, form),
        }
        return render(request, template, context, status=status)

    if request.method == "POST":
        return act(request, ref, form_class, Action.TRIAGE, do, done, refused=page)
    ticket = ticket_for(reader(request), ref, action=Action.TRIAGE)
    return page(request, ticket, form_class(ticket=ticket), 200)


def _change(its: Act, wanted: dict[str, Any]) -> Ticket:
    return changes.apply(
        ticket=its.ticket,
        changes=wanted,
        actor=its.actor,
        now=its.now,
        expected_version=its.version,
    )


def _object(name: str, value: Any) -> Any:
    model = _MODELS.get(name)
    return model.objects.get(pk=value) if model and value is not None else value


def _begun(ticket: Ticket) -> QuerySet[Message]:
    """What was said, as far as one needs to tell the messages apart; a body may be a megabyte."""
    messages = ticket.messages.select_related("author", "contact").defer("body")
    return messages.annotate(begins=Left("body", 400))


def _to_keep(ticket: Ticket, user: User) -> QuerySet[Ticket]:
    """The same customer's other tickets that ``user`` could merge this one into."""
    theirs = Ticket.objects.answerable_by(user).filter(requester=ticket.requester_id)
    theirs = theirs.exclude(status=Status.CLOSED).exclude(pk=ticket.pk)
    return theirs.order_by("-opened_at", "-pk")[:TO_KEEP]


def _of_another(request: HttpRequest, form: DeskForm) -> Ticket | None:
    """The ticket to merge into where another customer's is named, so that one is asked about it."""
    if not isinstance(form, MergeForm) or not form.is_bound:
        return None
    if not (form.data.get("other_customer") or "other_customer" in form.errors):
        return None
    try:
        return _named(reader(request), form.named, Action.TRIAGE)
    except Invalid:
        return None


def _other(its: Act, action: Action = Action.READ) -> Ticket:
    return _named(its.actor, its.said["reference"], action)


def _named(user: User, typed: str, action: Action) -> Ticket:
    """The ticket somebody typed the reference of; one they may not see is as unknown as any."""
    reference = normalise(typed)
    seen = Ticket.objects.visible_to(user).filter(reference=reference or "").exists()
    if not reference or not seen:
        raise Invalid("There is no ticket with this reference.", field="reference")
    try:
        return ticket_for(user, reference, action=action)
    except NotAllowed:
        said = f"You see {reference}, but may not change it: link the two, or ask who may."
        raise Invalid(said, field="reference") from None
