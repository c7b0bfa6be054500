"""Who works here and who writes to us: staff, teams, customers and what they bought."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower

currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, such as USD.")

order_number = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._/#-]*\Z",
    "An order number is made of plain letters A-Z, digits 0-9 and . _ / # - without spaces.",
)


def known_zone(name: str) -> None:
    """Refuses a time zone that the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(
            "%(name)s is not a known time zone; write one such as America/New_York.",
            params={"name": name},
        )


class User(AbstractUser):
    """A member of staff. What the role allows is decided in ``tickets.access`` alone."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        SUPERVISOR = "supervisor", "Supervisor"
        EXECUTIVE = "executive", "Executive"
        EXPERT = "expert", "Expert"
        ADMIN = "admin", "Admin"

    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    phone = models.CharField(max_length=40, blank=True)
    skills: models.ManyToManyField["Skill", Any] = models.ManyToManyField(
        "Skill", blank=True, related_name="people"
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
                violation_error_message="Somebody else has this e-mail address.",
            ),
        ]

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    is_default = models.BooleanField(
        default=False, help_text="Receives what no other rule sends elsewhere; exactly one team."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_team",
                violation_error_message="Another team is the default; unmark it first.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    leads = models.BooleanField(default=False, help_text="A supervisor of this team.")

    class Meta:
        ordering = ["team", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="member_once_per_team")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Tier(models.Model):
    """How much we promise a customer; a higher rank is a better tier."""

    name = models.CharField(max_length=60, unique=True)
    rank = models.PositiveSmallIntegerField(default=0)
    entitlements = models.TextField(blank=True)

    class Meta:
        ordering = ["-rank", "name"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    name = models.CharField(max_length=160, unique=True)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    responsible = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The named person of ours who answers for this customer.",
    )
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A customer as a person. E-mail addresses are kept in lower case and belong to one contact."""

    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(max_length=254, null=True, blank=True, unique=True)
    phone = models.CharField(max_length=40, blank=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Left empty, the organisation's tier counts.",
    )
    responsible = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Left empty, the organisation's named person counts.",
    )
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    notes = models.TextField(blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["phone"], name="contact_phone")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__isnull=True) | models.Q(email=Lower("email")),
                name="contact_email_lower_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(email=""), name="contact_email_null_not_empty"
            ),
        ]

    @property
    def display_name(self) -> str:
        return self.name or self.email or self.phone or "Unknown customer"

    @property
    def effective_tier(self) -> Tier | None:
        return self.tier or (self.organization.tier if self.organization else None)

    @property
    def named_person_id(self) -> int | None:
        organization = self.organization
        return self.responsible_id or (organization.responsible_id if organization else None)

    @property
    def named_person(self) -> User | None:
        return self.responsible or (self.organization.responsible if self.organization else None)

    def clean(self) -> None:
        self.email = self.email.lower() if self.email else None

    def __str__(self) -> str:
        return self.display_name


class System(models.Model):
    """What a customer runs: a server, an installation, a device."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="systems")
    name = models.CharField(max_length=120)
    details = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


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
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="order_not_negative"),
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

    class Meta:
        ordering = ["currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_positive"),
        ]

    def clean(self) -> None:
        if self.currency == settings.BASE_CURRENCY:
            raise ValidationError(
                {"currency": f"{self.currency} is the base currency; its rate is always 1."}
            )

    def __str__(self) -> str:
        return f"{self.currency} {self.rate.normalize():f} from {self.valid_from}"
