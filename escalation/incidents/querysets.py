"""Reads of incidents that chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Max, Q

if TYPE_CHECKING:
    from escalation.incidents.models import (  # noqa: F401
        Component,
        Incident,
        Notification,
        Subscriber,
        Telling,
        Update,
    )

# Words whose mail waits or is on its way have told nobody yet.
ON_THE_WAY = ("held", "released")


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

    def to_call(self) -> TellingQuerySet:
        """Whom words of ours did not reach, each customer once for each update, the newest first."""
        lost = self.filter(state="not_told").exclude(message__mail__state__in=ON_THE_WAY)
        each = lost.order_by().values("update", "ticket__requester").annotate(newest=Max("pk"))
        return self.filter(pk__in=each.values("newest")).order_by("-settled_at", "-pk")


class UpdateQuerySet(models.QuerySet["Update"]):
    def public(self) -> UpdateQuerySet:
        """What everybody may read, the newest first."""
        return self.filter(audience="public").order_by("-at", "-pk")

    def with_customers(self) -> Any:
        """With how many customers were ``told``, are ``waiting`` to be, and were ``not_told``; each is
        one, however many tickets they have."""
        leaves = Q(tellings__message__mail__state__in=ON_THE_WAY)
        counted = {
            "told": Q(tellings__state="told") & ~leaves,
            "waiting": Q(tellings__state="waiting") | leaves,
            "not_told": Q(tellings__state="not_told") & ~leaves,
        }
        whose = "tellings__ticket__requester"
        return self.annotate(
            **{name: Count(whose, filter=those, distinct=True) for name, those in counted.items()}
        )


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
