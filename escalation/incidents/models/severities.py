"""How bad an incident is; a greater number is worse, so that the database orders them."""

from django.db import models


class Severity(models.IntegerChoices):
    MINOR = 1, "Minor"
    MAJOR = 2, "Major"
    CRITICAL = 3, "Critical"


# From here on the whole staff has to know of it, wherever they are.
HEADLINE = Severity.MAJOR
