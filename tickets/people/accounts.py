"""Staff accounts are made by an admin; nobody signs up, and nobody changes who they are."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail

LONGEST = 254


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Nobody has a name longer than an address: not even asked for, SQLite would fail on it."""
        if any(len(str(credentials.get(name) or "")) > LONGEST for name in ("username", "email")):
            return None
        found: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return found

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox: no request waits for a mail server, and nothing is lost with it."""
        mail = self.render_mail(template_prefix, email, context)
        outbox.queue(
            purpose=OutgoingMail.Purpose.ACCOUNT,
            recipients=[outbox.Recipient(email)],
            subject=str(mail.subject),
            text=str(mail.body),
            now=timezone.now(),
        )


def kept_by_admins(request: HttpRequest) -> HttpResponse:
    """In place of a page of allauth where people would add addresses of their own."""
    raise Http404
