"""Incoming mail for the admin: what was ignored, what failed, what needs a person."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tickets.inbound import parsing, secrets, services
from tickets.inbound.models import RawMail

_SHOWN = 20_000
_READ = 200_000


@admin.register(RawMail)
class RawMailAdmin(admin.ModelAdmin[RawMail]):
    list_display = ("received_at", "state", "sender", "subject", "ticket", "why", "original")
    list_filter = ("state", "source")
    list_select_related = ("ticket",)
    search_fields = ("sender", "subject", "ticket__reference")
    ordering = ("-received_at", "-pk")
    show_full_result_count = False
    actions = ("process_again", "take_all_the_same")
    fields = readonly_fields = (
        "state", "because", "sender", "subject", "text", "ticket", "acknowledged", "received_at",
        "processed_at", "source", "attempts", "next_try_at", "size", "original",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[RawMail]:
        return super().get_queryset(request).defer("raw")

    def get_urls(self) -> list[URLPattern]:
        download = path(
            "<int:pk>/original/",
            self.admin_site.admin_view(self.download),
            name="inbound_rawmail_original",
        )
        return [download, *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes as they came, for a mail program; never shown by the browser."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        raw = bytes(get_object_or_404(RawMail, pk=pk).raw)
        if secrets.holds_a_key(raw):
            return HttpResponse(secrets.HIDDEN, status=403, content_type="text/plain")
        return HttpResponse(
            raw,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="mail-{pk}.eml"'},
        )

    @admin.display(description="Why")
    def why(self, raw_mail: RawMail) -> str:
        return raw_mail.because[:120]

    @admin.display(description="Original")
    def original(self, raw_mail: RawMail) -> SafeString:
        address = reverse("admin:inbound_rawmail_original", args=[raw_mail.pk])
        return format_html('<a href="{}">Download</a>', address)

    @admin.display(description="Text")
    def text(self, raw_mail: RawMail) -> str:
        """From the mail's beginning alone: a page must not take as long as the largest mail."""
        beginning = raw_mail.beginning(_READ)
        if secrets.holds_a_key(beginning):
            return secrets.HIDDEN
        try:
            return parsing.parse(beginning).text[:_SHOWN] or "(no text)"
        except parsing.Unparsable as problem:
            return str(problem)

    @admin.action(description="Process again", permissions=["process"])
    def process_again(self, request: HttpRequest, chosen: QuerySet[RawMail]) -> None:
        self._process(request, chosen, insist=False)

    @admin.action(description="Take as a customer's mail all the same", permissions=["process"])
    def take_all_the_same(self, request: HttpRequest, chosen: QuerySet[RawMail]) -> None:
        self._process(request, chosen, insist=True)

    def _process(self, request: HttpRequest, chosen: QuerySet[RawMail], *, insist: bool) -> None:
        done = [services.process(each, timezone.now(), insist=insist) for each in chosen]
        on_ticket = sum(each.state == RawMail.State.PROCESSED for each in done)
        messages.info(request, f"{on_ticket} of {len(done)} are on a ticket now.")

    def has_process_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("inbound.change_rawmail")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
