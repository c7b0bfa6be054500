from django.db import migrations, models

KEY = "/accounts/password/reset/key/"


def forget_the_keys(apps, schema_editor):
    """Mails that were notices until now: what was sent needs its words no more."""
    mails = apps.get_model("outbox", "OutgoingMail").objects.filter(purpose="notice", text__contains=KEY)
    mails.filter(state__in=["sent", "dead"]).update(purpose="account", text="", html="")
    mails.update(purpose="account")


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0004_enclosure'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outgoingmail',
            name='purpose',
            field=models.CharField(choices=[('reply', 'Reply'), ('acknowledgement', 'Acknowledgement'), ('alert', 'Alert to staff'), ('notice', 'Notice'), ('account', 'About an account')], max_length=16),
        ),
        migrations.RunPython(forget_the_keys, migrations.RunPython.noop),
    ]
