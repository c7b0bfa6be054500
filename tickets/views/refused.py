"""Whole requests refused: not readable, not allowed, not there; in words, and no typed word is lost."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import server_error

from tickets.models import Ticket
from tickets.references import normalise
from tickets.views.reasons import FileMissing, Kept, kept_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 where it was too large, else 400; for a program as JSON."""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        status, said = 413, f"What was sent is larger than {most:,} KB, which is the most."
    else:
        status, said = 400, "What was sent could not be read."
    if _is_program(request):
        return JsonResponse({"detail": said}, status=status)
    return render(request, "400.html", {"status": status, "said": said}, status=status)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with why, and the way back to the ticket where it is to be seen."""
    if _is_program(request):
        return JsonResponse({"detail": str(exception) or "This is not allowed."}, status=403)
    return _problem(request, "403.html", {"said": str(exception), "ticket": _seen(request)}, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return JsonResponse({"detail": "There is nothing at this address."}, status=404)
    said = str(exception) if isinstance(exception, FileMissing) else ""
    return _problem(request, "404.html", {"said": said}, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500, after a mistake of ours: the page needs nothing that may be broken too."""
    if _is_program(request):
        said = "Something broke on our side. Nothing was changed; it has been written down."
        return JsonResponse({"detail": said}, status=500)
    return server_error(request)


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """To who typed something and sent it after their log-in ended; None where nothing was typed."""
    words = kept_of(request.POST) if request.method == "POST" else []
    return render(request, "signed_out.html", {"kept": words}, status=403) if words else None


def _problem(
    request: HttpRequest, template: str, context: dict[str, Any], status: int
) -> HttpResponse:
    """The page; only its words where a part of a page asked."""
    name = f"{template}#words" if request.headers.get("HX-Request") else template
    return render(request, name, context | {"kept": _kept(request)}, status=status)


def _kept(request: HttpRequest) -> Kept:
    if request.method != "POST" or not _is_signed_in(request):
        return []
    try:
        return kept_of(request.POST)
    except (BadRequest, RequestDataTooBig, ValueError, OSError):
        return []


def _seen(request: HttpRequest) -> Ticket | None:
    """The ticket that the address names, for who may read it."""
    match = request.resolver_match
    reference = normalise(str(match.kwargs.get("ref", ""))) if match else None
    if not reference or not _is_signed_in(request):
        return None
    found: Ticket | None = (
        Ticket.objects.reachable_by(request.user).filter(reference=reference).first()  # type: ignore[arg-type]
    )
    return found


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _is_signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "user") and request.user.is_authenticated
