"""A climb in words: said once in Python, because a board has many and templates are slow at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from escalation.coming import Coming
from escalation.models import Escalation
from escalation.showing import Left
from tickets.people.models import User
from tickets.templatetags.desk import ago, exactly, icon, until
from tickets.words import open_span, shown

register = template.Library()
A_DAY = timedelta(days=1)


@register.simple_tag
def account(row: Escalation, now: datetime) -> SafeString:
    """What started it and when, whom it told where it stands, and who answered."""
    return format_html_join(" ", "{}", ((each,) for each in _account(row, now)))


@register.simple_tag
def next_step(coming: Coming, now: datetime) -> SafeString:
    """«Next in 12:04: level 2, Sue Halloran», and who is out."""
    remark = format_html(' <span class="quietly">{}</span>', shown(coming.remark))
    return format_html(
        '<span class="nowrap">{} Next</span> {}: {}level {}, <strong><bdi>{}</bdi></strong>{}',
        icon("arrow-up-right", "micro"),
        until(coming.at, now),
        "again " if coming.again else "",
        coming.level,
        shown(", ".join(coming.names)),
        remark if coming.remark else "",
    )


@register.simple_tag
def told_next(coming: Coming, now: datetime) -> SafeString:
    """«Next in 2:00:00: tells Sue Halloran (team lead)», and who is out; days ahead the instant."""
    known = f" ({coming.reached_as})" if coming.reached_as else ""
    remark = format_html(' <span class="quietly">{}</span>', shown(coming.remark))
    return format_html(
        '<span class="nowrap">{} Next</span> {}: tells {}<strong><bdi>{}</bdi></strong>{}, level {}.{}',
        icon("arrow-up-right", "micro"),
        until(coming.at, now) if coming.at - now < A_DAY else exactly(coming.at),
        "again " if coming.again else "",
        shown(", ".join(coming.names)),
        known,
        coming.level,
        remark if coming.remark else "",
    )


@register.simple_tag
def left(left: Left, due_at: datetime | None) -> SafeString:
    """«3 h 20 min», of open hours only while these are open; the page counts on by itself."""
    if due_at is None or not left.stretches:
        return format_html("{}", open_span(left.length))
    spans = (f"{start.timestamp():.0f}-{end.timestamp():.0f}" for start, end in left.stretches)
    return format_html(
        '<time datetime="{}" data-tick="left" data-open="{}">{}</time>',
        due_at.isoformat(),
        " ".join(spans),
        open_span(left.length),
    )


def _account(row: Escalation, now: datetime) -> Iterator[SafeString]:
    yield format_html("{}, {}.", row.get_trigger_display(), ago(row.started_at, now))
    for step in row.steps.all():
        if step.told and step.level == row.level:
            names = shown(", ".join(step.told_names))
            yield format_html("Told {}: <bdi>{}</bdi>.", ago(step.acted_at, now), names)
    yield from _by("Acknowledged by", row.acknowledged_by, row.acknowledged_at, now)
    yield from _by("Taken over by", row.taken_over_by, row.taken_over_at, now)
    if row.taken_over_by and row.taken_from:
        yield format_html("It was with <bdi>{}</bdi>.", shown(row.taken_from.name))
    if row.parked_at:
        yield format_html('<span class="badge warning">{}</span>', "set aside after failing")


def _by(did: str, person: User | None, at: datetime | None, now: datetime) -> Iterator[SafeString]:
    if person and at:
        yield format_html("{} <bdi>{}</bdi>, {}.", did, shown(person.name), ago(at, now))
