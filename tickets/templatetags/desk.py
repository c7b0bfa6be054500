"""What templates need to say about time and text; the words are those of ``tickets.words``."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
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
    selected = mark_safe(" selected")
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, selected if str(value) == str(chosen) else "", words.shown(str(name)))
            for value, name in field.field.choices  # type: ignore[attr-defined]
        ),
    )


@register.filter
def attributes(attrs: Mapping[str, object]) -> SafeString:
    """A widget's attributes as Django's own template writes them, at a tenth of its cost."""
    return format_html_join(
        "",
        " {}{}",
        (
            (name, "" if value is True else format_html('="{}"', value))
            for name, value in attrs.items()
            if value is not False
        ),
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
    local = timezone.localtime(at)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


@register.simple_tag
def ago(at: datetime, now: datetime) -> SafeString:
    """A <time> that reads «5 min ago» and stays true while the page is open."""
    return _time(at, words.ago(at, now), "ago")


@register.simple_tag
def waited(since: datetime, now: datetime) -> SafeString:
    """A <time> that reads «2 h 10 min»: how long it has been."""
    return _time(since, words.span(now - since), "waited")


@register.simple_tag
def until(at: datetime, now: datetime) -> SafeString:
    """A <time> that counts down to ``at``."""
    return _time(at, words.until(at, now), "hold")


def _time(at: datetime, text: str, tick: str) -> SafeString:
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
