"""PostgreSQL: an index of every stretch of a customer's number, found while somebody is on the phone.

A number's endings are its words, so that a word that begins so is a stretch of it: no extension is
needed, and no superuser. Of 100,000 customers it takes about a second to make.
"""

from typing import Any

from django.db import migrations

MAKE = r"""
CREATE FUNCTION search_number(phone text) RETURNS tsvector IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY(
    SELECT substr(number.digits, start)
    FROM (SELECT regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g') AS digits) AS number,
         generate_series(1, greatest(length(number.digits) - 2, 0)) AS start
));
CREATE INDEX searching_contact_number ON people_contact USING gin (search_number(phone));
ANALYZE people_contact;
"""

UNMAKE = """
DROP INDEX searching_contact_number;
DROP FUNCTION search_number;
"""


def make(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(MAKE, params=None)


def unmake(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(UNMAKE, params=None)


class Migration(migrations.Migration):
    dependencies = [("searching", "0001_initial"), ("people", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
