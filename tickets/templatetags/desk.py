"""What templates need to say about time and text; the words are those of ``tickets.words``."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from heroicons.templatetags import heroicons

from tickets import words
from tickets.people.models import Contact
from tickets.people.noting import seen_of

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, style: str = "mini", size: int | None = None) -> SafeString:
    """A decorative icon; drawn once per process, because drawing costs more than a table row."""
    draw = getattr(heroicons, f"heroicon_{style}")
    drawn: SafeString = draw(name, aria_hidden="true", **({"size": size} if size else {}))
    return drawn


@register.simple_tag
def options(field: BoundField, chosen: object) -> SafeString:
    """The options of a select, drawn without one template per option: long lists stay cheap."""
    wanted = str(chosen)
    return SafeString(
        "".join(
            f'<option value="{escape(str(value))}"{" selected" if str(value) == wanted else ""}>'
            f"{escape(words.shown(str(name)))}</option>"
            for value, name in field.field.choices  # type: ignore[attr-defined]
        )
    )


@register.simple_tag(takes_context=True)
def slot(
    context: Context,
    name: str,
    label: str,
    when: str = "load, desk:fresh from:body",
    *,
    versioned: bool = False,
) -> SafeString:
    """A panel that another floor fills in; without JavaScript its link opens the panel as a page.

    One that is ``versioned`` is told which version of the ticket the page has shown.
    """
    ticket = context["ticket"]
    try:
        address = reverse(name, args=[ticket.reference])
    except NoReverseMatch:  # a floor that is not there
        return SafeString("")
    if versioned:
        address += f"?seen={ticket.version}"
    return SafeString(
        f'<section class="panel slot" aria-label="{label}" hx-get="{address}" hx-trigger="{when}" '
        f'hx-swap="innerHTML"><h2><a href="{address}">{label}</a></h2></section>'
    )


@register.simple_tag(takes_context=True)
def later(context: Context, key: str, label: str) -> SafeString:
    """A form that most visits do not need: fetched when its details open; without JavaScript its link
    shows it."""
    ticket, seen = context["ticket"], context["timeline"].seen.message
    address = f"{reverse('ticket', args=[ticket.reference])}?form={key}"
    return SafeString(
        f'<p class="later" hx-get="{address}&amp;seen={ticket.version}&amp;message={seen}" '
        f'hx-trigger="toggle from:closest details once" hx-swap="outerHTML">'
        f'<a href="{address}#{key}">{label}</a></p>'
    )


@register.filter
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    """A widget's attributes as Django's own template writes them, at a tenth of its cost."""
    return SafeString(
        "".join(
            f" {escape(name)}"
            if value is True
            else f' {escape(name)}="{conditional_escape(value)}"'
            for name, value in attrs.items()
            if value is not False
        )
    )


@register.filter(is_safe=True)
def shown(text: object) -> str:
    """Text without control characters and direction overrides."""
    return words.shown(str(text)) if text is not None else ""


@register.filter
def address(email: str) -> SafeString:
    """An e-mail address that goes on in the next line after its @ rather than within a word."""
    before, at, after = words.shown(email).rpartition("@")
    return format_html("{}{}<wbr>{}", before, at, after)


@register.filter
def notes_seen(contact: Contact) -> str:
    """Which notes about a customer a form shows, to be sent back with it."""
    return seen_of(contact)


@register.filter
def exactly(at: datetime) -> str:
    """«Mon 9 Mar 2026, 09:30 EDT»: an instant in the reader's zone that can be read alone."""
    return words.exactly(timezone.localtime(at))


@register.simple_tag
def instant(at: datetime) -> SafeString:
    """A <time> that reads as ``exactly`` says, for pages on which nothing ticks."""
    return format_html(
        '<time datetime="{}">{}</time>', timezone.localtime(at).isoformat(), exactly(at)
    )


@register.simple_tag
def ago(at: datetime, now: datetime) -> SafeString:
    """A <time> that reads «5 min ago» and stays true while the page is open."""
    return _time(at, words.ago(at, now), "ago")


@register.simple_tag
def day(at: datetime, now: datetime) -> SafeString:
    """A <time> that reads «Tue 14:02», or from a week on «3 Mar 2026»."""
    said = words.day(timezone.localtime(at), now)
    return SafeString(f"<time {_exactly(at)}>{said}</time>")


@register.simple_tag
def waited(since: datetime, now: datetime) -> SafeString:
    """A <time> that reads «2 h 10 min»: how long it has been."""
    return _time(since, words.span(now - since), "waited")


@register.simple_tag
def until(at: datetime, now: datetime) -> SafeString:
    """A <time> that counts down to ``at``."""
    return _time(at, words.until(at, now), "hold")


@register.simple_tag
def back(at: datetime, now: datetime) -> SafeString:
    """A badge that reads «back Mon 09:00»: when what was put aside comes back."""
    said = words.day_and_time(timezone.localtime(at), timezone.localtime(now).date())
    return SafeString(f'<span class="clock paused">back <time {_exactly(at)}>{said}</time></span>')


@register.simple_tag
def leaving(kind: str, at: datetime | None, now: datetime) -> SafeString:
    """«reply leaves 10:40» for a ticket whose words wait to leave; nothing for any other."""
    if at is None:
        return SafeString("")
    said = words.leaves(kind, timezone.localtime(at), now)
    return SafeString(
        f'<span class="badge held">{icon("paper-airplane", "micro", 12)}'
        f"<time {_exactly(at)}>{said}</time></span>"
    )


def _time(at: datetime, text: str, tick: str) -> SafeString:
    """Kept true by the scripts (ticking.js). ``tick`` is what is said: ago «5 min ago», waited
    «2 h 10 min», hold «in 12:04» until a held reply leaves, clock «first reply due in 2 h», then
    «… late by 5 min», left «31 h» of the open hours in data-open: «from-to from-to», in seconds."""
    # Nothing here but our own words and numbers; a page has hundreds, and format_html costs ten times.
    return SafeString(f'<time {_exactly(at)} data-tick="{tick}">{text}</time>')


def _exactly(at: datetime) -> str:
    local = timezone.localtime(at)
    return f'datetime="{local.isoformat()}" title="{local:%a %d %b %Y, %H:%M:%S %Z}"'


@register.simple_tag
def clock(badge: words.Badge) -> SafeString:
    """A clock badge: words first; its tone only repeats them."""
    text = escape(badge.text)
    if badge.due_at is None:
        return SafeString(f'<span class="clock {badge.tone}">{text}</span>')
    return SafeString(
        f'<span class="clock {badge.tone}"><time {_exactly(badge.due_at)} data-tick="clock" '
        f'data-name="{escape(badge.name)}">{text}</time></span>'
    )
