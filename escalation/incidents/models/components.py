"""The parts of what we run that can break on their own, and the products that hang on them."""

from django.db import models

from escalation.incidents.querysets import ComponentQuerySet
from tickets.people.models import Product


class Component(models.Model):
    """Such as «Web shop», «Mail delivery» or «Firmware updates»."""

    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=100, help_text="The lowest is shown first.")
    is_public = models.BooleanField(
        "on the status page", default=True, help_text="Whether customers see it on the status page."
    )
    products = models.ManyToManyField(
        Product, blank=True, related_name="components",
        help_text="Who uses one of these is touched when the component breaks.",
    )  # fmt: skip

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name
