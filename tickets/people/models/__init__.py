"""Who works here and who writes to us: staff, teams, customers and what they bought."""

from tickets.people.models.absences import Absence, AbsenceQuerySet
from tickets.people.models.customers import (
    Contact,
    NotesBefore,
    Organization,
    Product,
    System,
    Tier,
)
from tickets.people.models.orders import ExchangeRate, Order, currency_code, order_number
from tickets.people.models.staff import (
    Membership,
    MembershipQuerySet,
    Skill,
    Team,
    User,
    known_zone,
    zone_called,
)

__all__ = [
    "Absence",
    "AbsenceQuerySet",
    "Contact",
    "ExchangeRate",
    "Membership",
    "MembershipQuerySet",
    "NotesBefore",
    "Order",
    "Organization",
    "Product",
    "Skill",
    "System",
    "Team",
    "Tier",
    "User",
    "currency_code",
    "known_zone",
    "order_number",
    "zone_called",
]
