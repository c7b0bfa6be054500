"""What may be offered, in which situation, and by whose authority."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from kb.offers.amounts import CENT, WHOLE, in_words, money
from kb.scripts.models import known_fields_only
from tickets.constraints import one_of
from tickets.models import Category
from tickets.people.models import Tier, User, currency_code


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
