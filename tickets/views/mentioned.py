"""What a writer is told of those whom their note mentioned: who sees it now, and who was told."""

from tickets.models import Ticket
from tickets.outbox.services import is_mailable
from tickets.people.models import User
from tickets.services.conversation import is_of_the_desk
from tickets.words import shown


def told(ticket: Ticket, person: User) -> str:
    """The sentences, asked before the note is written: afterwards everybody mentioned sees it."""
    who = shown(person.name)
    mail = "told by mail" if is_mailable(person.email) else ""
    knew = _is_known(ticket, person)
    if knew:
        said = f"{who} was {mail}." if mail else ""
    elif is_of_the_desk(person):
        said = f"{who} follows this ticket from now on{f' and was {mail}' if mail else ''}."
    else:
        said = f"This ticket is before {who} from now on{f', who was {mail}' if mail else ''}."
    if not knew and not _sees(ticket, person):
        said = f"{said} They did not see it before."
    if not mail:
        said = f"{said} {who} has no address that mail can go to: tell them yourself."
    return said.strip()


def _is_known(ticket: Ticket, person: User) -> bool:
    """Whether a mention changes nothing but the mail: it was brought to them before."""
    return (
        ticket.followers.filter(pk=person.pk).exists()
        or ticket.involvements.filter(user=person).exists()
    )


def _sees(ticket: Ticket, person: User) -> bool:
    return Ticket.objects.reachable_by(person).filter(pk=ticket.pk).exists()
