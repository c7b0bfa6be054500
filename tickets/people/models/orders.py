"""What customers bought, and what other currencies are worth."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower

from tickets.people.models.customers import Contact

currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, such as USD.")


order_number = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._/#-]*\Z",
    "An order number is made of plain letters A-Z, digits 0-9 and . _ / # - without spaces.",
)


class Order(models.Model):
    number = models.CharField(max_length=40, unique=True, validators=[order_number])
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="orders")
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(max_length=3, default="USD", validators=[currency_code])
    placed_at = models.DateTimeField()
    summary = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0),
                name="order_not_negative",
                violation_error_message="An order is worth nothing or more.",
            ),
            # Customers write the number as they like; upper and lower case must not be two orders.
            models.UniqueConstraint(
                Lower("number"),
                name="order_number_unique",
                violation_error_message="There is an order of this number already.",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the base currency from a day on."""

    currency = models.CharField(max_length=3, validators=[currency_code])
    rate = models.DecimalField(
        max_digits=18,
        decimal_places=8,
        validators=[MinValueValidator(Decimal("0.00000001"), "A rate is more than zero.")],
        help_text="What one unit of the currency is worth in the base currency.",
    )
    valid_from = models.DateField()
    # Whether the tickets whose orders it values were judged by it since that day.
    is_heard = models.BooleanField(default=False, editable=False)
    # So far they were: the number of the last ticket.
    heard_to = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["currency", "-valid_from"]
        indexes = [
            models.Index(
                fields=["valid_from"], name="rate_not_heard", condition=models.Q(is_heard=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "valid_from"],
                name="one_rate_a_day",
                violation_error_message="This currency has a rate from this day already.",
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gt=0),
                name="rate_positive",
                violation_error_message="A rate is more than zero.",
            ),
        ]

    def clean(self) -> None:
        if self.currency == settings.BASE_CURRENCY:
            raise ValidationError(
                {"currency": f"{self.currency} is the base currency; its rate is always 1."}
            )

    def __str__(self) -> str:
        return f"{self.currency} {self.rate.normalize():f} from {self.valid_from}"
