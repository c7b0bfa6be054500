import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def expected(apps, schema_editor):
    """What was promised for an instant is expected by then."""
    callbacks = apps.get_model('calls', 'Callback').objects.filter(state='open')
    callbacks.update(expected_at=models.F('due_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0001_initial'),
        ('people', '0005_contact_language'),
        ('tickets', '0002_reply_version'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='call',
            name='call_outcome_known',
        ),
        migrations.AddField(
            model_name='call',
            name='callback',
            field=models.ForeignKey(blank=True, help_text='The promise that this call was made for.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='calls.callback'),
        ),
        migrations.AddField(
            model_name='call',
            name='number',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='call',
            name='passed_to',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='callback',
            name='contact',
            field=models.ForeignKey(blank=True, help_text='Whom to call; empty: the customer of the ticket.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.contact'),
        ),
        migrations.AddField(
            model_name='callback',
            name='expected_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='number',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='hold',
            name='back_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='call',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='people.contact'),
        ),
        migrations.AlterField(
            model_name='call',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='call',
            name='outcome',
            field=models.CharField(blank=True, choices=[('reached', 'Reached'), ('no_answer', 'No answer'), ('voicemail', 'Voicemail'), ('busy', 'Busy'), ('cut_off', 'Cut off'), ('wrong', 'Wrong number')], max_length=10),
        ),
        migrations.AlterField(
            model_name='hold',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='callback',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['expected_at', 'id'], name='callback_expected'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['reached', 'no_answer', 'voicemail', 'busy', 'cut_off', 'wrong'])), _connector='OR'), name='call_outcome_tells_that_it_ended', violation_error_message='A call that is over has one of the known outcomes.'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('ticket__isnull', True), ('contact__isnull', False), _connector='OR'), name='call_on_a_ticket_has_a_customer', violation_error_message='A call on a ticket is with a customer.'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('agent',), name='one_call_under_way_each', violation_error_message='This person is on a call already.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('call',), name='one_hold_at_a_time', violation_error_message='The caller is on hold already.'),
        ),
        migrations.RunPython(expected, migrations.RunPython.noop, elidable=True),
    ]
