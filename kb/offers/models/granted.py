"""What was asked for and given: budgets, orders that are given back, grants and their ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from kb.offers.amounts import in_words, money
from kb.offers.models.offered import Offer
from tickets.constraints import one_of
from tickets.models import Message, Ticket
from tickets.people.models import Order, Team


class Budget(models.Model):
    """What a team may give away in a month, in the base currency. No row: no limit."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="budgets")
    month = models.DateField(help_text="The first day of the month.")
    amount = money()
    spent = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0), editable=False)

    class Meta:
        ordering = ["-month", "team"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "month"],
                name="one_budget_a_month",
                violation_error_message="This team has a budget for this month already.",
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0) & Q(spent__lte=F("amount")),
                name="budget_never_exceeded",
                violation_error_message="More has been spent than this amount, or less than nothing.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="budget_month_begins",
                violation_error_message="A budget's month is named by its first day.",
            ),
        ]

    def clean(self) -> None:
        """What the constraints hold, said at the field. Fields in error stay empty here."""
        if self.month and self.month.day != 1:
            raise ValidationError({"month": "Write the first day of the month."})
        if self.amount is not None and self.amount < self.spent:
            raise ValidationError(
                {"amount": f"{self.spent} has been given away this month already."}
            )

    @property
    def left(self) -> Decimal:
        left: Decimal = self.amount - self.spent
        return left

    def __str__(self) -> str:
        return f"{self.team}, {self.month:%B %Y}"


class OrderShare(models.Model):
    """How much of one order was given back, on whichever tickets, in the order's currency."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="given_back")
    total = models.DecimalField(max_digits=14, decimal_places=2, help_text="The order's worth.")
    given = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(0))

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given__gte=0) & Q(given__lte=F("total")),
                name="order_never_given_back_twice",
                violation_error_message="No more of an order is given back than it was worth.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given.normalize():f} of {self.total} of {self.order_id}"


LIVING = ("requested", "granted")


class Grant(models.Model):
    """An offer made to a customer, or asked for. One that lives per ticket and offer.

    A merge brings a ticket's grants along; what had been granted on both tickets stands beside.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for approval"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        REVERSED = "reversed", "Reversed"

    class Told(models.TextChoices):
        """Whether the customer knows; of what was granted before this was kept, nobody knows."""

        UNKNOWN = "", "Not recorded"
        NOT_YET = "not_yet", "Not told yet"
        BY_REPLY = "reply", "Told by a reply"
        BY_PERSON = "person", "Told otherwise"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="grants")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="grants")
    amount = money("In the offer's unit.")
    # As the offer was when it was asked for: what was promised stays what it is.
    unit = models.CharField(max_length=7, choices=Offer.Unit.choices, editable=False)
    currency = models.CharField(max_length=3, editable=False)
    cost = models.DecimalField(
        max_digits=12, decimal_places=2, help_text="In the base currency, when it was granted."
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="grants", editable=False,
        help_text="What a refund or a percentage is given of.",
    )  # fmt: skip
    counted = models.DecimalField(
        max_digits=20, decimal_places=6, default=Decimal(0), editable=False,
        help_text="How much of that order it takes, in the order's currency.",
    )  # fmt: skip
    state = models.CharField(max_length=9, choices=State.choices)
    key = models.CharField(max_length=80, unique=True, help_text="The request that made it.")
    reason = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)
    beside = models.BooleanField(
        default=False, editable=False,
        help_text="Came by a merge to where the same offer had been granted already.",
    )  # fmt: skip
    told = models.CharField(
        max_length=7, choices=Told.choices, default=Told.UNKNOWN, db_default=Told.UNKNOWN, blank=True,
        editable=False, help_text="Whether the customer knows of it.",
    )  # fmt: skip
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        editable=False,
    )  # fmt: skip
    told_in = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="+", editable=False,
        help_text="The reply that told the customer.",
    )  # fmt: skip

    # Whether what granted it just now has put its words into the reply of who asked; not stored.
    is_in_reply = False
    # What became of its words when it was reversed just now (``services.Reach``); not stored.
    reach: Any = None

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(
                fields=["ticket"],
                name="grant_untold",
                condition=Q(state="granted", told="not_yet"),
            ),
        ]
        constraints = [
            one_of(
                "told",
                ["", "not_yet", "reply", "person"],
                "grant_told_known",
                "A customer is told in no such way.",
            ),
            one_of(
                "unit",
                Offer.Unit.values,
                "grant_unit_known",
                "An offer is counted in no such unit.",
            ),
            models.UniqueConstraint(
                fields=["ticket", "offer"],
                condition=Q(state__in=LIVING, beside=False),
                name="one_living_grant_per_offer",
                violation_error_message="This offer has been made on this ticket already.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(cost__gte=0),
                name="grant_positive",
                violation_error_message="What is offered is worth more than nothing.",
            ),
            models.CheckConstraint(
                condition=Q(counted__gte=0) & (Q(order__isnull=False) | Q(counted=0)),
                name="grant_counted_against_an_order",
                violation_error_message="What is counted, is counted against an order.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "granted", "refused", "reversed"]),
                name="grant_state_known",
                violation_error_message="An offer that was made has no such state.",
            ),
        ]

    @property
    def words(self) -> str:
        """What it gives: «Credit, 25.00 USD»."""
        amount = in_words(self.amount, self.unit, self.offer.kind, self.currency)
        return f"{self.offer.name}, {amount}"

    @property
    def given_at(self) -> datetime:
        """Since when it has been granted, while it is."""
        return self.decided_at or self.requested_at

    @property
    def is_untold(self) -> bool:
        """Whether it is granted and the customer does not know."""
        return self.state == self.State.GRANTED and self.told == self.Told.NOT_YET

    @property
    def is_told(self) -> bool:
        return self.told in (self.Told.BY_REPLY, self.Told.BY_PERSON)

    def __str__(self) -> str:
        return f"{self.offer} on {self.ticket_id}"


class LedgerEntry(models.Model):
    """Append-only: what was given (positive) and reversed (negative), in the base currency."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="entries")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, related_name="+")
    cost = models.DecimalField(max_digits=12, decimal_places=2)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_reversal = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name_plural = "ledger"
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "is_reversal"],
                name="booked_once",
                violation_error_message="This has been booked already.",
            ),
            models.CheckConstraint(
                condition=Q(is_reversal=False, cost__gte=0) | Q(is_reversal=True, cost__lte=0),
                name="reversal_takes_back",
                violation_error_message="Only a reversal takes money back.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cost:+} for {self.grant_id}"
