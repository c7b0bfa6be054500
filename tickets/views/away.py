"""What is said of somebody who is given something while they are out of office."""

from datetime import datetime

from django.utils.timezone import localtime

from tickets.people.models import Absence, User
from tickets.words import out_until, shown


def is_out(person: User | None, now: datetime) -> str:
    """«Ben is out until Mon 30 Nov, 09:00; Ana stands in.»; nothing of who is at work."""
    until = until_when(person, now)
    return f"{shown(person.name)} is {until}." if person and until else ""


def until_when(person: User | None, now: datetime) -> str:
    """«out until Mon 30 Nov, 09:00; Ana stands in», for the middle of a sentence."""
    absence = Absence.objects.of_each(now, [person.pk]).get(person.pk) if person else None
    if absence is None:
        return ""
    said = out_until(localtime(absence.ends_at))
    return f"{said}; {shown(absence.deputy.name)} stands in" if absence.deputy else said


def told(done: str, person: User | None, now: datetime) -> str:
    """What was done, and that ``person``, who has it now, is out."""
    return f"{done} {is_out(person, now)}".strip()
