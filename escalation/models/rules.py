"""Rules by fact: when all conditions hold for the first time, the actions are taken once."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from escalation.models.paths import Path
from tickets.constraints import one_of
from tickets.models import Category, Tag, Ticket
from tickets.people.models import Contact, Organization, Team, Tier, currency_code


class Rule(models.Model):
    name = models.CharField(max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(default=100, help_text="The lowest fires first.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Condition(models.Model):
    """One fact that must be true. Only the fields that belong to ``kind`` are filled."""

    class Kind(models.TextChoices):
        ORDER_ABOVE = "order_above", "an order is worth more than"
        NAMED = "named", "the customer has a named person of ours"
        CONTACT = "contact", "the customer is"
        ORGANIZATION = "organization", "the customer belongs to"
        TIER = "tier", "the customer's tier is"
        WORDS = "words", "the subject or a customer's message says one of"
        NATURE = "nature", "the matter is a"
        CATEGORY = "category", "the category is"
        CHANNEL = "channel", "it came by"
        PRIORITY = "priority", "the priority is"
        TEAM = "team", "the team is"
        TAG = "tag", "it has the tag"

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="conditions")
    kind = models.CharField("when", max_length=12, choices=Kind.choices)
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    currency = models.CharField(max_length=3, blank=True, validators=[currency_code])
    words = models.CharField(max_length=300, blank=True, help_text="Separated by commas.")
    nature = models.CharField(max_length=12, choices=Category.Nature.choices, blank=True)
    channel = models.CharField(max_length=8, choices=Ticket.Channel.choices, blank=True)
    priority = models.CharField(max_length=8, choices=Ticket.Priority.choices, blank=True)
    # Without what it asks for a condition would be gone, and its rule fire for everybody.
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["rule", "pk"]
        constraints = [
            one_of(
                "kind",
                [
                    "order_above",
                    "named",
                    "contact",
                    "organization",
                    "tier",
                    "words",
                    "nature",
                    "category",
                    "channel",
                    "priority",
                    "team",
                    "tag",
                ],
                "condition_kind_known",
                "A rule asks for nothing of this kind.",
            ),
            one_of(
                "nature",
                ["", *Category.Nature.values],
                "condition_nature_known",
                "A matter is of no such nature.",
            ),
            one_of(
                "channel",
                ["", *Ticket.Channel.values],
                "condition_channel_known",
                "A ticket comes by no such channel.",
            ),
            one_of(
                "priority",
                ["", *Ticket.Priority.values],
                "condition_priority_known",
                "A ticket has no such priority.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Action(models.Model):
    """One thing to do. Only the fields that belong to ``kind`` are filled."""

    class Kind(models.TextChoices):
        START_PATH = "start_path", "start the escalation path"
        SET_PRIORITY = "set_priority", "set the priority to"
        ASSIGN_TEAM = "assign_team", "move it to the team"
        ASSIGN_PERSON = "assign_person", "assign it to"
        ADD_TAG = "add_tag", "add the tag"
        INVOLVE = "involve", "put it before"
        INVOLVE_NAMED = "involve_named", "put it before the customer's named person"
        OWE_CALL = "owe_call", "owe the customer a phone call within"
        FLAG = "flag", "flag it for a person, saying"

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="actions")
    kind = models.CharField("do", max_length=14, choices=Kind.choices)
    path = models.ForeignKey(Path, models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.CharField(max_length=8, choices=Ticket.Priority.choices, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")
    within = models.DurationField(
        null=True, blank=True, help_text="Empty: as the response schedule says for callbacks."
    )
    text = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["rule", "pk"]
        constraints = [
            one_of(
                "kind",
                [
                    "start_path",
                    "set_priority",
                    "assign_team",
                    "assign_person",
                    "add_tag",
                    "involve",
                    "involve_named",
                    "owe_call",
                    "flag",
                ],
                "action_kind_known",
                "A rule does nothing of this kind.",
            ),
            one_of(
                "priority",
                ["", *Ticket.Priority.values],
                "action_priority_known",
                "A ticket has no such priority.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Firing(models.Model):
    """A rule fired on a ticket; the row itself makes it once per ticket and rule (rule 14)."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="firings")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="firings")
    rule_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    because = models.TextField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "rule"],
                name="rule_fires_once_per_ticket",
                violation_error_message="This rule has fired on this ticket already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_name} on {self.ticket_id}"
