"""Who leads whom: whose work one shares out, whose absences one speaks for, whose numbers one sees.

The other half of ``tickets.access``, about people and teams instead of single tickets.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.access import NotAllowed, is_admin
from tickets.people.models import Membership, Team, User

# Who works in teams, and so sees the whole of their tickets.
_DESK = (User.Role.AGENT, User.Role.SUPERVISOR, User.Role.ADMIN)


def assignable(team: Team) -> QuerySet[User]:
    """Who may be given ``team``'s tickets by themselves: who works in it and sees them all.

    Those who lead it are left out, and executives and experts, who see what is put before them.
    """
    working = Membership.objects.filter(team=team, user=OuterRef("pk"))
    leading = Membership.objects.leading().filter(team=team, user=OuterRef("pk"))
    at_work = User.objects.filter(is_active=True, role__in=_DESK)
    return at_work.filter(Exists(working), ~Exists(leading)).order_by("pk")


def led_by(user: User) -> QuerySet[Team]:
    """The teams whose work ``user`` shares out: those they lead; an admin, all."""
    if is_admin(user):
        return Team.objects.order_by("name", "pk")
    leading = Membership.objects.leading().filter(team=OuterRef("pk"), user=user)
    return Team.objects.filter(Exists(leading)).order_by("name", "pk")


def require_lead(user: User, team: Team | None = None) -> None:
    """Raises NotAllowed, in words, unless ``user`` leads ``team``, or any team."""
    if not is_admin(user) and not led_by(user).filter(**({"pk": team.pk} if team else {})).exists():
        raise NotAllowed("Only those who lead a team, and admins, share out its work.")


def watched_by(user: User) -> QuerySet[Team]:
    """The teams whose numbers ``user`` may put on a wall: those they work in; an admin, all."""
    if is_admin(user):
        return Team.objects.order_by("name", "pk")
    of_desk = user.is_active and user.role in _DESK
    teams = Team.objects.filter(memberships__user=user) if of_desk else Team.objects.none()
    return teams.order_by("name", "pk")


def accounted_to(user: User) -> QuerySet[Team]:
    """The teams of which ``user`` sees what they gave away: those they lead; executives and admins,
    all."""
    if user.is_active and user.role == User.Role.EXECUTIVE:
        return Team.objects.order_by("name", "pk")
    return led_by(user)


def spoken_for(user: User) -> QuerySet[User]:
    """The people of whom ``user`` may say when they are out: themselves, and whom they lead."""
    everybody = User.objects.filter(is_active=True).order_by("pk")
    if not user.is_active or is_admin(user):
        return everybody if user.is_active else everybody.none()
    leading = Membership.objects.leading().filter(user=user).values("team")
    led = Membership.objects.filter(user=OuterRef("pk"), team__in=leading)
    return everybody.filter(Q(pk=user.pk) | Exists(led))


def require_to_speak_for(user: User, person: User) -> None:
    """Raises NotAllowed, in words, unless ``user`` may say when ``person`` is out."""
    if not spoken_for(user).filter(pk=person.pk).exists():
        raise NotAllowed(f"Only {person.name}, who leads them, or an admin says when they are out.")


def colleagues(user: User) -> QuerySet[User]:
    """Whose absences ``user`` is shown: those of their own teams and their own; an admin, all."""
    everybody = User.objects.filter(is_active=True).order_by("pk")
    if is_admin(user):
        return everybody
    theirs = user.memberships.order_by().values("team")
    beside = Membership.objects.filter(user=OuterRef("pk"), team__in=theirs)
    return everybody.filter(Q(pk=user.pk) | Exists(beside))
