"""The signed-in person behind a request, and the guard of views that act."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tickets.people.models import User


def reader(request: HttpRequest) -> User:
    """The user of a view that requires one."""
    return cast(User, request.user)


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A ticket's action: signed in and by POST. Anything else (a reload, a log-in on the way) goes
    to the ticket instead of a bare error page."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, ref: str, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect("ticket", ref)
        return view(request, ref, **kwargs)

    return guarded
