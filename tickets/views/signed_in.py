"""The signed-in person behind a request, and the guard of views that act."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tickets.people.models import User
from tickets.views.refused import signed_out


def reader(request: HttpRequest) -> User:
    """The user of a view that requires one."""
    return cast(User, request.user)


def writes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages on which people type: signed in; else their words are shown and nothing is done."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return signed_out(request) or redirect_to_login(request.get_full_path())

    return guarded


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A ticket's action: signed in and by POST. Anything else (a reload, a log-in on the way) goes
    to the ticket instead of a bare error page."""

    @writes
    @wraps(view)
    def guarded(request: HttpRequest, ref: str, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect("ticket", ref)
        return view(request, ref, **kwargs)

    return guarded
