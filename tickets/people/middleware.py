"""What a request knows of its reader: their zone, whether they are signed in, how they write."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
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


class ReadableMiddleware:
    """Refuses a form in a charset that is a codec of bytes, such as zlib: none of it can be read.

    What is no form (JSON, a plain GET) is UTF-8, whatever else its header says.
    """

    FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.content_type not in self.FORMS:
            request.encoding = "utf-8"
            return self.get_response(request)
        try:
            # Not of nothing at all: that needs no codec.
            b" ".decode(request.encoding or "utf-8")
        except (LookupError, ValueError) as problem:
            raise BadRequest("The charset is none of text.") from problem
        return self.get_response(request)
