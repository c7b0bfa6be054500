"""Who changed what of a customer is read on the customer's page: out of the admin's log, which has
no index for one row's entries."""

from django.db import migrations

MAKE = """
CREATE INDEX people_changes ON django_admin_log (content_type_id, object_id, action_time)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_earlier_notes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [migrations.RunSQL(MAKE, "DROP INDEX people_changes")]
