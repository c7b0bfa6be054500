"""The ledger: what was given away and by whom, for those who answer for it."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from kb.offers import ledger as reading
from kb.offers.months import month_of
from tickets.leading import accounted_to
from tickets.people.models import Team, User

ALL_MONTHS, UNTOLD = "all", "untold"


@login_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """To who answers for nobody there is no such page.

    Who could lead and leads no team, whom the menu brings here too, is told so.
    """
    user, now = cast(User, request.user), timezone.now()
    teams = list(accounted_to(user))
    if not teams and not (user.may_lead or user.role == User.Role.EXECUTIVE):
        raise Http404
    months = reading.months(teams, now)
    month, chosen = _month(request, months, month_of(now)), _team(request, teams)
    is_untold = request.GET.get("which") == UNTOLD
    before = request.GET.get("before", "")
    context = {
        "page": reading.page(
            reader=user, teams=[chosen] if chosen else teams, month=month, is_untold=is_untold,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        ),
        "untold": reading.untold(teams).count(),
        "teams": teams,
        "chosen": chosen,
        "month": month,
        "months": months,
        "is_untold": is_untold,
        "asked": urlencode({
            "month": f"{month:%Y-%m}" if month else ALL_MONTHS, "team": chosen.pk if chosen else "",
            "which": UNTOLD if is_untold else "",
        }),
        "zone": settings.TIME_ZONE,
        "base_currency": settings.BASE_CURRENCY,
    }  # fmt: skip
    return render(request, "kb/ledger.html", context)


def _month(request: HttpRequest, months: Sequence[date], this: date) -> date | None:
    """The month that is asked for, this one where it is none of ``months``; None for all of them."""
    asked = request.GET.get("month", "")
    if asked == ALL_MONTHS:
        return None
    return next((each for each in months if f"{each:%Y-%m}" == asked), this)


def _team(request: HttpRequest, teams: Sequence[Team]) -> Team | None:
    return next((each for each in teams if str(each.pk) == request.GET.get("team")), None)
