"""What a request knows of its reader: their zone, and whether they are still signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class SignedOutFragmentMiddleware:
    """A part of a page that a signed-out reader's browser asks for is no place for the log-in page.

    401 leaves the page as it is, with every typed word; the next step of the reader's own logs in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_fragment = "HX-Request" in request.headers
        if is_fragment and response.status_code == 302 and not request.user.is_authenticated:
            return HttpResponse("You are signed out.", status=401)
        return response


class ReaderZoneMiddleware:
    """Activates the signed-in reader's zone; it moves what is printed, never a deadline."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "zone", None) if request.user.is_authenticated else None
        with timezone.override(zone):
            return self.get_response(request)
