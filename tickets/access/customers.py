"""Who sees a customer and their company, who looks them up and who changes what is known of them.

The desk sees all of them: whoever calls must be found. Those it asks see whom their tickets are of.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import Http404

from tickets.access.roles import NotAllowed, opens_tickets
from tickets.models import Ticket
from tickets.people.models import Contact, Organization, User


class NoSuchCustomer(Http404):
    """There is no such customer, or company, for this reader."""

    def __init__(self, what: str = "customer") -> None:
        super().__init__(f"There is no such {what}.")


def keeps_customers(user: User) -> bool:
    """Whether ``user`` looks customers up and changes what is known of them: the desk."""
    return opens_tickets(user)


def may_keep_customers(user: User) -> None:
    """Raises NotAllowed unless ``user`` looks customers up and changes what is known of them."""
    if not keeps_customers(user):
        raise NotAllowed("Only agents, supervisors and admins look customers up and change them.")


def customers_of(user: User) -> QuerySet[Contact]:
    """Everybody for the desk; for others those who ask, or ask too, on a ticket they see."""
    if keeps_customers(user):
        return Contact.objects.all()
    seen = _seen(user)
    asking = Q(pk__in=seen.values("requester")) | Q(takes_part_in__in=seen.values("pk"))
    return Contact.objects.filter(pk__in=Contact.objects.filter(asking).order_by().values("pk"))


def companies_of(user: User) -> QuerySet[Organization]:
    """Every company for the desk; for others those of the tickets and the customers they see."""
    if keeps_customers(user):
        return Organization.objects.all()
    of_tickets = Q(pk__in=_seen(user).exclude(organization=None).values("organization"))
    return Organization.objects.filter(
        of_tickets | Q(pk__in=customers_of(user).order_by().values("organization"))
    )


def customer_for(user: User, pk: int, *, related: Sequence[str] = ()) -> Contact:
    """The customer of this number. Raises NoSuchCustomer."""
    rows = customers_of(user).select_related("organization", *related)
    contact: Contact | None = rows.filter(pk=pk).first()
    if contact is None:
        raise NoSuchCustomer
    return contact


def company_for(user: User, pk: int, *, related: Sequence[str] = ()) -> Organization:
    """The company of this number. Raises NoSuchCustomer."""
    rows = companies_of(user).select_related(*related) if related else companies_of(user)
    company: Organization | None = rows.filter(pk=pk).first()
    if company is None:
        raise NoSuchCustomer("company")
    return company


def _seen(user: User) -> QuerySet[Ticket]:
    return Ticket.objects.reachable_by(user).order_by()
