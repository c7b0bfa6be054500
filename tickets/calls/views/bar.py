"""The slim bar on every page of the desk that shows the call which is under way."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from tickets.access import takes_calls
from tickets.calls.standing import Standing, standing
from tickets.views.signed_in import reader


def on_call(request: HttpRequest) -> dict[str, Any]:
    """For every template: the reader's call, asked for only where it is shown."""

    def look() -> Standing | None:
        return standing(reader(request), timezone.now()) if _is_signed_in(request) else None

    def takes() -> bool:
        return _is_signed_in(request) and takes_calls(reader(request))

    return {
        "on_call": SimpleLazyObject(look),
        "takes_calls": SimpleLazyObject(takes),
        "page_path": _page_path(request),
    }


def _page_path(request: HttpRequest) -> str:
    """The page that is open, also where htmx asks for a part of it from another address."""
    htmx = getattr(request, "htmx", None)
    return (htmx.current_url_abs_path if htmx else None) or request.get_full_path()


@login_required
@require_safe
def bar(request: HttpRequest) -> HttpResponse:
    """The bar alone, for a page that was open while the call began or ended elsewhere."""
    return render(request, "calls/bar.html")


def _is_signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "user") and request.user.is_authenticated
