from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offers', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='grant',
            name='one_living_grant_per_offer',
        ),
        migrations.AddField(
            model_name='grant',
            name='beside',
            field=models.BooleanField(default=False, editable=False, help_text='Came by a merge to where the same offer had been granted already.'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(condition=models.Q(('beside', False), ('state__in', ('requested', 'granted'))), fields=('ticket', 'offer'), name='one_living_grant_per_offer', violation_error_message='This offer has been made on this ticket already.'),
        ),
    ]
