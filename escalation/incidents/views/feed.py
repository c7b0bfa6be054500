"""The public updates as a feed, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.html import linebreaks
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from escalation.incidents.models import Update
from escalation.incidents.views.status import SECONDS
from tickets.words import shown

MOST = 50
# Code points that XML has no way to write.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


class StatusFeed(Feed[Update, None]):
    feed_type = Atom1Feed
    language = "en"
    link = reverse_lazy("status")

    def title(self) -> str:
        return f"Status of {settings.COMPANY_NAME}"

    def author_name(self) -> str:
        return settings.COMPANY_NAME

    def items(self) -> Iterable[Update]:
        return Update.objects.public().select_related("incident")[:MOST]

    def item_title(self, item: Update) -> str:
        return _written(f"{item.get_state_display()}: {item.incident.title}")

    def item_description(self, item: Update) -> str:
        return linebreaks(_written(item.text), autoescape=True)

    def item_link(self, item: Update) -> str:
        return f"{reverse('status-incident', args=[item.incident_id])}#update-{item.pk}"

    def item_guid(self, item: Update) -> str:
        """Stays the same for ever: whoever has read it is not told again."""
        return get_tag_uri(f"{settings.BASE_URL}/status/updates/{item.pk}", item.at)

    def item_pubdate(self, item: Update) -> datetime:
        return item.at

    def item_updateddate(self, item: Update) -> datetime:
        return item.at


@conditional_page
@cache_control(public=True, max_age=SECONDS)
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    return StatusFeed()(request)


def _written(text: str) -> str:
    return _NOT_IN_XML.sub("", shown(text))
