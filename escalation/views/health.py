"""Whether the product lives, whether it keeps its promises, and numbers for a monitor."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from escalation import pulse
from escalation.incidents.models import Incident
from escalation.pulse import Reading
from tickets.access import is_admin
from tickets.people.models import User
from tickets.views.signed_in import reader

# Of what does not work so many are named; the others are counted.
MOST_HEADLINES = 2
WATCHERS = {User.Role.SUPERVISOR, User.Role.ADMIN}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nothing of database or broker."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where deadlines are being kept; 503, with what is wrong, where they are not.

    Mail that stands still degrades the service and is said, but is no reason to take the desk away.
    """
    try:
        reading = pulse.read(timezone.now())
    except (DatabaseError, InterfaceError, OperationalError):
        return JsonResponse(
            {
                "ready": False,
                "database": "unreachable",
                "problems": ["The database does not answer."],
            },
            status=503,
        )
    body = {
        "ready": not reading.problems,
        "database": "ok",
        "problems": reading.problems,
        "sweep_age_seconds": _seconds(reading.age),
        "oldest_overdue_seconds": _seconds(reading.overdue),
        "parked": reading.parked,
        "degraded": bool(reading.warnings),
        "warnings": reading.warnings,
        "oldest_unsent_mail_seconds": _seconds(reading.unsent),
        "oldest_unread_mail_seconds": _seconds(reading.unread),
        "undeliverable_mails": reading.dead,
        "parked_mails": reading.unusable,
    }
    return JsonResponse(body, status=503 if reading.problems else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: with the bearer token METRICS_TOKEN, or signed in as an administrator."""
    _check_monitor(request)
    lines = [line for row in _gauges(pulse.read(timezone.now())) for line in row]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


@login_required
@require_safe
def banner(request: HttpRequest) -> HttpResponse:
    """What every desk has to know at once: clocks that are not watched, and what does not work for
    customers. Nothing at all while all is well."""
    now = timezone.now()
    reading = pulse.read(now)
    context: dict[str, Any] = {"problems": reading.problems, "now": now}
    context |= {"incidents": Incident.objects.headlines(), "most": MOST_HEADLINES}
    if reader(request).role in WATCHERS or reader(request).is_superuser:
        context["warnings"] = reading.warnings
    return render(request, "escalation/pulse.html", context)


def _check_monitor(request: HttpRequest) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    token = settings.METRICS_TOKEN
    if token and constant_time_compare(given, token):
        return
    user = request.user
    if not (isinstance(user, User) and is_admin(user)):
        raise PermissionDenied


def _gauges(reading: Reading) -> list[tuple[str, str, str]]:
    values = [
        ("sweep_age_seconds", "Since the last sweep; -1 before the first.", reading.age),
        ("oldest_overdue_seconds", "How long the oldest due row waits.", reading.overdue),
        ("parked_rows", "Clocks and escalations set aside after failing.", reading.parked),
        (
            "oldest_unsent_mail_seconds",
            "How long the oldest mail that may leave waits.",
            reading.unsent,
        ),
        (
            "oldest_unread_mail_seconds",
            "How long the oldest mail that came in waits.",
            reading.unread,
        ),
        ("undeliverable_mails", "Mails given up: they reached nobody.", reading.dead),
        ("parked_mails", "Mails that came in and need a person.", reading.unusable),
    ]
    return [
        (
            f"# HELP helpdesk_{name} {text}",
            f"# TYPE helpdesk_{name} gauge",
            f"helpdesk_{name} {_number(value)}",
        )
        for name, text, value in values
    ]


def _number(value: timedelta | int | None) -> float:
    if value is None:
        return -1
    return value.total_seconds() if isinstance(value, timedelta) else value


def _seconds(value: timedelta | None) -> float | None:
    return None if value is None else round(value.total_seconds(), 3)
