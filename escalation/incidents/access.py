"""Who may do what about incidents; every one of the staff may read of them."""

from tickets.access import NotAllowed, is_admin, opens_tickets
from tickets.people.models import User


def reports_incidents(user: User) -> bool:
    """Whether ``user`` may declare an incident, link tickets to it and write to the staff of it."""
    return opens_tickets(user)


def may_report_incidents(user: User) -> None:
    """Raises NotAllowed unless ``user`` may report incidents."""
    if not reports_incidents(user):
        raise NotAllowed("Only agents, supervisors and admins work on incidents.")


def leads_incidents(user: User, lead: int | None) -> bool:
    """Whether ``user`` may say what everybody reads of an incident that person ``lead`` leads: who
    supervises, executives, admins, and whoever leads it."""
    if not user.is_active:
        return False
    above = {User.Role.SUPERVISOR, User.Role.EXECUTIVE}
    return is_admin(user) or user.role in above or user.pk == lead


def may_lead_incident(user: User, lead: int | None) -> None:
    """Raises NotAllowed unless ``user`` speaks for an incident that person ``lead`` leads."""
    if not leads_incidents(user, lead):
        raise NotAllowed(
            "Only who leads the incident, supervisors, executives and admins speak for it: they say "
            "what everybody reads, and how it stands."
        )
