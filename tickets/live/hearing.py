"""Who may hear what: decided when a token is made, from what the person sees at that moment."""

import random

from django.conf import settings

from tickets.live import topics
from tickets.live.tokens import Grant, sign
from tickets.models import Ticket
from tickets.people.models import User

# Seconds; between the two by lot, so that not all windows of the desk ask anew at once.
SHORTEST, LONGEST = 210, 300
# Tickets of other teams, followed or put before somebody, that are heard of on every page.
MOST_TICKETS = 150


def topics_of(user: User, ticket: Ticket | None = None) -> frozenset[str]:
    """What ``user`` hears of; ``ticket`` is one that they have just been let see."""
    reach = Ticket.objects.reach_of(user, MOST_TICKETS)
    heard = {topics.person(user.pk), *map(topics.team, reach.teams)}
    heard.update(map(topics.ticket, reach.tickets))
    if reach.everything:
        heard.add(topics.EVERYTHING)
    if ticket is not None:
        heard.add(topics.ticket(ticket.pk))
    return frozenset(heard)


def token_for(user: User, ticket: Ticket | None, now: float) -> tuple[str, int]:
    """A token for the stream, and for how many seconds it opens it."""
    lasts = random.randint(SHORTEST, LONGEST)
    grant = Grant(user.pk, topics_of(user, ticket), int(now) + lasts)
    return sign(grant, settings.SECRET_KEY), lasts
