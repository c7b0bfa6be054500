"""Reads of incidents that chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from escalation.incidents.models import (  # noqa: F401
        Component,
        Incident,
        Notification,
        Subscriber,
        Telling,
        Update,
    )


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> IncidentQuerySet:
        """Not resolved, the worst first, of equals the one that began last."""
        return self.filter(resolved_at=None).order_by("-severity", "-started_at", "-pk")

    def headlines(self) -> list[Incident]:
        """The open ones that the whole staff has to know of, the worst first."""
        return list(self.open().filter(severity__gte=2)[:20])

    def resolved(self) -> IncidentQuerySet:
        return self.filter(resolved_at__isnull=False).order_by("-resolved_at", "-pk")

    def published(self) -> IncidentQuerySet:
        """Those that customers may read of."""
        return self.filter(published_at__isnull=False)

    def resolved_since(self, at: datetime) -> IncidentQuerySet:
        return self.resolved().filter(resolved_at__gte=at)

    def with_reach(self) -> IncidentQuerySet:
        """With what says whom they touch, in three queries however many there are."""
        return self.prefetch_related("components__products", "organizations")


class TellingQuerySet(models.QuerySet["Telling"]):
    def due(self, now: datetime) -> TellingQuerySet:
        """What is still to be said to customers, in the order in which it was decided."""
        return self.filter(state="waiting", next_at__lte=now).order_by("next_at", "pk")

    def heard_before(self, update: Update) -> TellingQuerySet:
        """What customers were told of its incident before ``update``, or are to be; the last first."""
        rows = self.filter(update__incident=update.incident_id, update__lt=update.pk)
        return rows.exclude(state="not_told").order_by("-update_id", "-pk")


class UpdateQuerySet(models.QuerySet["Update"]):
    def public(self) -> UpdateQuerySet:
        """What everybody may read, the newest first."""
        return self.filter(audience="public").order_by("-at", "-pk")


class ComponentQuerySet(models.QuerySet["Component"]):
    def public(self) -> ComponentQuerySet:
        """Those on the status page."""
        return self.filter(is_public=True)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def confirmed(self) -> SubscriberQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def abandoned(self, now: datetime, after: timedelta) -> SubscriberQuerySet:
        """Those that were never confirmed, and were not asked for ``after`` any more."""
        return self.filter(confirmed_at=None, asked_at__lt=now - after)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def due(self, now: datetime) -> NotificationQuerySet:
        """What is still to be mailed to subscribers, in the order in which it was decided."""
        return self.filter(state="waiting", next_at__lte=now).order_by("next_at", "pk")
