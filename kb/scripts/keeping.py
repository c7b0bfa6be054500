"""Scripts of one's own: kept and thrown away by their owner."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from kb.scripts.models import Script
from tickets.errors import Invalid
from tickets.people.models import User


def keep(*, script: Script, owner: User) -> Script:
    """Keeps a checked script as ``owner``'s. Raises Invalid where they made its like meanwhile."""
    script.owner = owner
    try:
        with transaction.atomic():
            script.save()
    except IntegrityError:
        raise Invalid("You have a script of this name already.", "name") from None
    return script


def throw_away(*, script: Script) -> None:
    """Nobody is offered it any more; what was written with it stays as it is."""
    script.delete()
