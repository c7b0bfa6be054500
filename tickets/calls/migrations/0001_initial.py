import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('inbound', 'The customer called'), ('outbound', 'We called')], max_length=8)),
                ('outcome', models.CharField(choices=[('reached', 'Reached'), ('no_answer', 'No answer'), ('voicemail', 'Voicemail'), ('busy', 'Busy')], max_length=10)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('summary', models.TextField(blank=True)),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to=settings.AUTH_USER_MODEL)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='people.contact')),
                ('ticket', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='tickets.ticket')),
            ],
            options={
                'ordering': ['-started_at', '-pk'],
                'indexes': [models.Index(fields=['ticket', 'started_at', 'id'], name='call_ticket_started'), models.Index(fields=['agent', '-started_at', '-id'], name='call_agent_started'), models.Index(fields=['-started_at', '-id'], name='call_started')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('started_at'))), name='call_ends_after_it_starts', violation_error_message='A call ends after it has begun.'), models.CheckConstraint(condition=models.Q(('direction__in', ['inbound', 'outbound'])), name='call_direction_known', violation_error_message='A call comes in or goes out.'), models.CheckConstraint(condition=models.Q(('outcome__in', ['reached', 'no_answer', 'voicemail', 'busy'])), name='call_outcome_known', violation_error_message='A call has no such outcome.')],
            },
        ),
        migrations.CreateModel(
            name='Callback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Owed'), ('kept', 'Made'), ('withdrawn', 'Withdrawn')], default='open', max_length=9)),
                ('because', models.CharField(max_length=200)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('promised_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('promised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='settled', to='calls.call')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='callbacks', to='tickets.ticket')),
            ],
            options={
                'ordering': ['promised_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['ticket', 'promised_at', 'id'], name='callback_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True), ('state', 'open')), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), ('state', 'kept')), models.Q(('settled_at__isnull', False), ('settled_by__isnull', True), ('state', 'withdrawn')), _connector='OR'), name='callback_state_tells_how_it_ended', violation_error_message='A promised call is open, kept by a call, or withdrawn.')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('because', models.CharField(blank=True, max_length=200)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='calls.call')),
            ],
            options={
                'ordering': ['started_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('started_at'))), name='hold_ends_after_it_starts', violation_error_message='A hold ends after it has begun.')],
            },
        ),
    ]
