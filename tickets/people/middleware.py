"""Shows every instant in the zone of the person who reads the page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ReaderZoneMiddleware:
    """Activates the signed-in reader's zone; it moves what is printed, never a deadline."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "zone", None) if request.user.is_authenticated else None
        with timezone.override(zone):
            return self.get_response(request)
