"""Who writes to us: contacts, their organisations, tiers and systems."""

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from tickets.outbox import checking
from tickets.people.models.staff import User, known_zone


def known_language(code: str) -> None:
    """Refuses a language that has no name to show."""
    if "name_local" not in LANG_INFO.get(code, {}):
        raise ValidationError(
            "«%(code)s» is no language such as en, de or pt-br.", params={"code": code}
        )


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


class Noted(models.Model):
    """What we know of a customer and keep for each other, and who changed it last."""

    notes = models.TextField(blank=True)
    notes_at = models.DateTimeField("notes changed at", null=True, blank=True, editable=False)
    notes_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="notes changed by",
    )  # fmt: skip

    class Meta:
        abstract = True


class Organization(Noted):
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

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contact(Noted):
    """A customer as a person. E-mail addresses are kept in lower case and belong to one contact."""

    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(
        max_length=254, null=True, blank=True, unique=True, validators=[checking.validate]
    )
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
    language = models.CharField(
        max_length=12, blank=True, default="", db_default="", validators=[known_language],
        help_text="What they speak, such as en, de or pt-br.",
    )  # fmt: skip
    first_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["phone"], name="contact_phone")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__isnull=True) | models.Q(email=Lower("email")),
                name="contact_email_lower_case",
                violation_error_message="E-mail addresses are kept in lower case.",
            ),
            models.CheckConstraint(
                condition=~models.Q(email=""),
                name="contact_email_null_not_empty",
                violation_error_message="Leave the e-mail address out rather than empty.",
            ),
        ]

    @property
    def display_name(self) -> str:
        return self.name or self.email or self.phone or "Unknown customer"

    @property
    def speaks(self) -> str:
        """The name of their language; empty where it is not known."""
        return str(LANG_INFO.get(self.language, {}).get("name", ""))

    @property
    def effective_tier(self) -> Tier | None:
        return self.tier or (self.organization.tier if self.organization else None)

    @property
    def effective_tier_id(self) -> int | None:
        return self.tier_id or (self.organization.tier_id if self.organization else None)

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


class NotesBefore(models.Model):
    """What the notes about a person or a company were before somebody changed them."""

    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="earlier_notes"
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="earlier_notes"
    )
    notes = models.TextField(blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(contact__isnull=True) ^ models.Q(organization__isnull=True),
                name="notes_are_of_one_customer",
                violation_error_message="Notes are about a person or about a company.",
            )
        ]

    def __str__(self) -> str:
        return f"Notes on {self.contact or self.organization}, until {self.changed_at}"


class System(models.Model):
    """What a customer runs: a server, an installation, a device."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="systems")
    name = models.CharField(max_length=120)
    details = models.TextField(blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
