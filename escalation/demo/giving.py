"""What Northlight gives away to make up for it: alone, with approval, and once not rightly so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from escalation.demo.people import Company
from escalation.demo.stories import Gift
from kb.offers import services
from kb.offers.models import Budget, Grant, Offer
from kb.offers.months import month_of
from kb.offers.services.wording import words_of
from tickets.access import NotAllowed
from tickets.errors import ServiceRefused
from tickets.models import Ticket
from tickets.people.models import Membership, User
from tickets.services import conversation

Plan = Callable[[datetime, Callable[[datetime], None]], None]
DAY = timedelta(days=1)
DECIDED, REGRETTED = timedelta(minutes=20), timedelta(hours=3)
A_MONTH = Decimal(500)
THE_NEWS = "Hello {first_name},\n\n{words}\n\nBest wishes,\n{agent}"


def set_budgets(company: Company, now: datetime) -> None:
    """For every month into which the history reaches."""
    months = {month_of(each) for each in (now - 10 * DAY, now)}
    for team in company.teams.values():
        for month in sorted(months):
            Budget.objects.create(team=team, month=month, amount=A_MONTH)


def give(plan: Plan, ticket: Ticket, writer: User, gift: Gift, at: datetime) -> str:
    """Gives it, or asks for it, once in two days; returns what the reply that goes out now says of it."""
    offer = Offer.objects.filter(name=gift.offer).first()
    if offer is None or _was_given(gift, at):
        return ""
    do = services.request_approval if gift.is_asked else services.grant
    try:
        row = do(
            ticket=ticket, offer=offer, amount=Decimal(gift.amount), actor=writer, now=at,
            key=f"demo {ticket.reference}", reason=gift.why,
        )  # fmt: skip
    except (ServiceRefused, NotAllowed):
        return ""
    if gift.is_asked:
        plan(at + DECIDED, lambda then: _approve(row, writer, then))
        return ""
    if gift.taken_back:
        plan(at + REGRETTED, lambda then: _take_back(row, gift.taken_back, then))
    return words_of(row, writer, at)


def _was_given(gift: Gift, at: datetime) -> bool:
    around = Grant.objects.filter(requested_at__gt=at - 2 * DAY, requested_at__lt=at + 2 * DAY)
    return around.filter(reason=gift.why).exists()


def _approve(asked: Grant, writer: User, at: datetime) -> None:
    """The lead approves it, and who asked tells the customer."""
    try:
        row = services.approve(grant=asked, actor=_lead(asked.ticket), now=at)
        words = THE_NEWS.format(
            first_name=row.ticket.requester.name.split()[0],
            agent=writer.first_name,
            words=words_of(row, writer, at),
        )
        conversation.reply(ticket=row.ticket, author=writer, body=words, now=at)
    except (ServiceRefused, NotAllowed):
        return


def _take_back(granted: Grant, why: str, at: datetime) -> None:
    try:
        services.reverse(grant=granted, actor=_lead(granted.ticket), reason=why, now=at)
    except (ServiceRefused, NotAllowed):
        return


def _lead(ticket: Ticket) -> User:
    """Who leads the ticket's team; else an admin."""
    leading = Membership.objects.leading().filter(team=ticket.team_id).order_by("pk")
    lead = leading.select_related("user").first()
    admins = User.objects.filter(role=User.Role.ADMIN, is_active=True).order_by("pk")
    return lead.user if lead else admins[0]
