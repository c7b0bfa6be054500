"""PostgreSQL: an index of the words of companies' names, so that their people are found by them."""

from typing import Any

from django.db import migrations

MAKE = """
CREATE INDEX searching_company_words ON people_organization
    USING gin (search_contact(name, '', ''));
ANALYZE people_organization;
"""


def make(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(MAKE, params=None)


def unmake(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX searching_company_words", params=None)


class Migration(migrations.Migration):
    dependencies = [("searching", "0002_parts_of_numbers"), ("people", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
