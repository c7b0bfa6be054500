"""What may be offered to an unhappy customer, in which situation, by whose authority; the ledger."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from kb.offers.amounts import CENT, WHOLE, in_words, money
from kb.scripts.models import known_fields_only
from tickets.constraints import one_of
from tickets.models import Category, Ticket
from tickets.people.models import Order, Team, Tier, User, currency_code


class Situation(models.Model):
    """When an offer is in place. Every condition that is filled in must hold for the ticket."""

    name = models.CharField(max_length=80, unique=True)
    reason = models.CharField(
        max_length=200, help_text="Why we offer something here, as the agent reads it."
    )
    nature = models.CharField(max_length=12, choices=Category.Nature.choices, blank=True)
    tier_at_least = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    order_at_least = money("In the base currency.", null=True, blank=True)
    missed_deadline = models.BooleanField(
        default=False, help_text="We are late, or were late, with an answer on this ticket."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            one_of(
                "nature",
                ["", *Category.Nature.values],
                "situation_nature_known",
                "A matter is of no such nature.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """Something that can be given. ``unit`` says what its amount counts."""

    class Kind(models.TextChoices):
        DISCOUNT = "discount", "Discount"
        CREDIT = "credit", "Credit"
        REFUND = "refund", "Refund"
        GIFT = "gift", "Free gift"
        MONTH = "month", "Free month"

    class Unit(models.TextChoices):
        MONEY = "money", "an amount of money"
        PERCENT = "percent", "percent of the order"
        PIECE = "piece", "pieces"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    unit = models.CharField(max_length=7, choices=Unit.choices)
    currency = models.CharField(max_length=3, default="USD", validators=[currency_code])
    least = money("The least that can be given.", default=CENT)
    most = money("The most that anybody may give.")
    piece_value = money("What one piece costs us.", null=True, blank=True)
    situations = models.ManyToManyField(Situation, related_name="offers")
    words = models.TextField(
        max_length=2_000, validators=[known_fields_only],
        help_text="What the customer is told; fields as in scripts.",
    )  # fmt: skip
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            one_of(
                "kind",
                ["discount", "credit", "refund", "gift", "month"],
                "offer_kind_known",
                "An offer is of no such kind.",
            ),
            one_of(
                "unit",
                ["money", "percent", "piece"],
                "offer_unit_known",
                "An offer is counted in no such unit.",
            ),
            models.CheckConstraint(
                condition=Q(least__gt=0) & Q(most__gte=F("least")),
                name="offer_least_to_most",
                violation_error_message="The least is more than nothing, and no more than the most.",
            ),
            models.CheckConstraint(
                condition=~Q(unit="percent") | Q(most__lte=100),
                name="offer_percent_at_most_100",
                violation_error_message="More than 100 percent cannot be given.",
            ),
            models.CheckConstraint(
                condition=~Q(unit="piece") | Q(piece_value__isnull=False),
                name="offer_piece_has_value",
                violation_error_message="Say what one piece is worth.",
            ),
        ]

    def clean(self) -> None:
        """What the constraints hold, said at the field. Fields in error stay empty here."""
        least, most = getattr(self, "least", None), getattr(self, "most", None)
        if least is not None and most is not None and least > most:
            raise ValidationError({"least": f"The least is more than the most, which is {most}."})
        if self.unit == self.Unit.PERCENT and most is not None and most > WHOLE:
            raise ValidationError({"most": "Nobody can give more than 100 percent."})
        if self.unit == self.Unit.PIECE and self.piece_value is None:
            raise ValidationError({"piece_value": "What does one piece cost us?"})
        if self.unit == self.Unit.PIECE:
            for name, amount in (("least", least), ("most", most)):
                if amount is not None and amount % 1:
                    raise ValidationError({name: "Pieces are given whole."})

    def counted(self, amount: Decimal) -> str:
        """An amount of it in words: «25.00 USD», «10 %», «1 piece», «2 months»."""
        return in_words(amount, self.unit, self.kind, self.currency)

    @property
    def span(self) -> str:
        return f"{self.counted(self.least)} to {self.counted(self.most)}"

    def __str__(self) -> str:
        return self.name


class Authority(models.Model):
    """How much of an offer one role may give by itself, and how much in one calendar month."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="authorities")
    role = models.CharField(max_length=12, choices=User.Role.choices)
    most = money("In one grant.")
    most_a_month = money(
        "All grants of this offer by one person in a month, in the offer's unit; empty: no limit.",
        null=True, blank=True,
    )  # fmt: skip

    class Meta:
        ordering = ["offer", "most", "pk"]
        verbose_name_plural = "authorities"
        constraints = [
            one_of("role", User.Role.values, "authority_role_known", "A person has no such role."),
            models.UniqueConstraint(
                fields=["offer", "role"],
                name="authority_once_per_role",
                violation_error_message="This role has an authority over this offer already.",
            ),
            models.CheckConstraint(
                condition=Q(most__gt=0),
                name="authority_positive",
                violation_error_message="An authority is over more than nothing.",
            ),
            models.CheckConstraint(
                condition=Q(most_a_month__isnull=True) | Q(most_a_month__gt=0),
                name="authority_a_month_positive",
                violation_error_message="In a month, too, it is more than nothing; or without a limit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.offer} up to {self.offer.counted(self.most)}"


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

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
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

    def __str__(self) -> str:
        return f"{self.offer} on {self.ticket_id}"


class LedgerEntry(models.Model):
    """Append-only: what was given (positive) and taken back (negative), in the base currency."""

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
