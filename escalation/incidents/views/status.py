"""The public status page and the page of one incident: for everybody, without an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from escalation.incidents import publicly

SECONDS = 30


@conditional_page
@cache_control(public=True, max_age=SECONDS)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    return page(request, "status/status.html", {"standing": publicly.standing(timezone.now())})


@conditional_page
@cache_control(public=True, max_age=SECONDS)
@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """404, in words, for what does not exist and for what only the staff know: nobody can tell."""
    found = publicly.published(pk, timezone.now())
    if found is None:
        return page(request, "status/missing.html", {}, 404)
    return page(request, "status/incident.html", {"incident": found})


def page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The same for everybody who asks: in the company's zone, whoever is signed in."""
    zone = timezone.get_default_timezone_name()
    context |= {"company": settings.COMPANY_NAME, "zone": zone}
    with timezone.override(None):
        return render(request, template, context, status=status)
