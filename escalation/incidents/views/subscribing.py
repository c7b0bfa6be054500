"""The way in and out of the mails about incidents, for everybody."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from escalation.incidents import services, tokens
from escalation.incidents.limiting import may_ask
from escalation.incidents.views.status import page
from tickets.errors import Invalid
from tickets.forms.base import show

TOO_OFTEN = (
    "So many addresses were typed in from where you are that we mail no more of them for now. "
    "Try again in an hour."
)


class SubscribeForm(forms.Form):
    email = forms.CharField(
        label="Your e-mail address", max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """The answer is the same whoever has subscribed already."""
    if request.method != "POST":
        asked = "asked" in request.GET
        return _form(request, SubscribeForm(label_suffix=""), asked=asked)
    form, now = SubscribeForm(request.POST, label_suffix=""), timezone.now()
    if not form.is_valid():
        return _form(request, form, 422)
    if not may_ask(get_adapter().get_client_ip(request), now):
        form.add_error(None, TOO_OFTEN)
        return _form(request, form, 429)
    try:
        services.ask(email=form.cleaned_data["email"], now=now)
    except Invalid as refusal:
        show(form, refusal)
        return _form(request, form, 422)
    return HttpResponseRedirect(f"{reverse('status-subscribe')}?asked")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """By a button: programs that follow every link of a mail confirm nothing."""
    now = timezone.now()
    if request.method == "POST":
        done = services.confirm(token=token, now=now) is not None
        return page(request, "status/confirm.html", {"done": done}, 200 if done else 410)
    good = tokens.who_confirms(token, now) is not None
    return page(request, "status/confirm.html", {"asks": good}, 200 if good else 410)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """By a button, or by the one in a mail program, which sends no cookie (RFC 8058)."""
    if request.method == "POST":
        done = services.leave(token=token)
        return page(request, "status/unsubscribe.html", {"done": done}, 200 if done else 404)
    good = tokens.who_leaves(token) is not None
    return page(request, "status/unsubscribe.html", {"asks": good}, 200 if good else 404)


def _form(
    request: HttpRequest, form: SubscribeForm, status: int = 200, *, asked: bool = False
) -> HttpResponse:
    return page(request, "status/subscribe.html", {"form": form, "asked": asked}, status)
