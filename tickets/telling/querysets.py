"""Reads of notifications that chain; who may still be shown one is decided by who sees its ticket."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

from tickets.models import Ticket
from tickets.people.models import Absence, User

if TYPE_CHECKING:
    from tickets.telling.models import Notification, Preference  # noqa: F401  named in strings


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def refusing(self, way: str) -> PreferenceQuerySet:
        """What people do not want to be told by ``way``: ``on_desk`` or ``by_mail``."""
        return self.filter(**{way: False})

    def who_refuse(self, way: str, kind: str, people: Iterable[User]) -> set[int]:
        """Which of these people do not want to be told of ``kind`` so, by number."""
        asked = list(people)
        rows = self.refusing(way).filter(kind=kind, person__in=asked)
        return set(rows.values_list("person_id", flat=True)) if asked else set()


class ToldQuerySet(models.QuerySet["Notification"]):
    def seen_by(self, person: User) -> ToldQuerySet:
        """Theirs, of the tickets that they see today."""
        seen = Ticket.objects.reachable_by(person).filter(pk=OuterRef("ticket"))
        return self.filter(Exists(seen.order_by()), person=person)

    def wanted(self, way: str) -> ToldQuerySet:
        """Without the kinds that their person does not want to be told by ``way``."""
        preferences = self.model._meta.apps.get_model("telling", "Preference")
        refused = preferences.objects.refusing(way)
        return self.exclude(
            Exists(refused.filter(person=OuterRef("person"), kind=OuterRef("kind")))
        )

    def unread(self) -> ToldQuerySet:
        return self.filter(read_at__isnull=True)

    def due(self, now: datetime) -> ToldQuerySet:
        """Unread for so long that their person is told by mail."""
        return self.filter(mail_at__lte=now)

    def overdue(self, since: datetime, now: datetime) -> ToldQuerySet:
        """What has waited since then and was set back again, although its reader is not out."""
        out = Absence.objects.at(now).values("user")
        return self.filter(mail_at__gt=now, at__lte=since).exclude(person__in=out)

    def locked(self) -> ToldQuerySet:
        """In one order for whoever takes many, on whatever tickets: nobody waits in a ring."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def newest_first(self) -> ToldQuerySet:
        return self.order_by("-at", "-pk")

    def with_words(self) -> ToldQuerySet:
        """With what a line says of each, in one query."""
        return self.select_related(
            "ticket", "event__actor", "event__message__contact", "event__message__author"
        )

    def first_of_each(self) -> ToldQuerySet:
        """One for each person: whoever holds its row works for that person."""
        before = self.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"))
        return self.exclude(Exists(before.order_by())).order_by("mail_at", "pk")
