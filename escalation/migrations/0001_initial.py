import django.core.validators
import django.db.models.deletion
import tickets.people.models.staff
import uuid
from decimal import Decimal
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
            name='Calendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('time_zone', models.CharField(max_length=64, validators=[tickets.people.models.staff.known_zone])),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('took', models.DurationField()),
                ('acted', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('order', models.PositiveSmallIntegerField(default=100, help_text='The lowest fires first.')),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='OpeningHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')])),
                ('opens', models.TimeField()),
                ('closes', models.TimeField(help_text='00:00 is midnight; earlier than the opening: the next day.')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='escalation.calendar')),
            ],
            options={
                'verbose_name': 'opening hours',
                'verbose_name_plural': 'opening hours',
                'ordering': ['weekday', 'opens', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Path',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('purpose', models.CharField(choices=[('general', 'Started by schedules and rules'), ('hand_over', 'Started when an agent hands a ticket to a supervisor'), ('flag', 'Started when a ticket is flagged for a person')], default='general', max_length=10)),
                ('continues_with', models.ForeignKey(blank=True, help_text='Climbed after the last level of this path.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='continues', to='escalation.path')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('purpose', 'general'), _negated=True), fields=('purpose',), name='one_path_per_purpose', violation_error_message='Another path serves this purpose already; make that one general first.')],
            },
        ),
        migrations.CreateModel(
            name='PathVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('spec', models.JSONField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('path', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='escalation.path')),
            ],
            options={
                'ordering': ['path', 'number'],
                'constraints': [models.UniqueConstraint(fields=('path', 'number'), name='path_version_once', violation_error_message='This path has a version of this number already.')],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('order', models.PositiveSmallIntegerField(default=100, help_text='The lowest is asked first.')),
                ('active', models.BooleanField(default=True)),
                ('is_fallback', models.BooleanField(default=False, verbose_name='fallback')),
                ('natures', models.JSONField(blank=True, default=list, verbose_name='kinds of matter')),
                ('channels', models.JSONField(blank=True, default=list)),
                ('priorities', models.JSONField(blank=True, default=list)),
                ('categories', models.ManyToManyField(blank=True, related_name='+', to='tickets.category')),
                ('tags', models.ManyToManyField(blank=True, related_name='+', to='tickets.tag')),
                ('teams', models.ManyToManyField(blank=True, related_name='+', to='people.team')),
                ('tiers', models.ManyToManyField(blank=True, related_name='+', to='people.tier')),
            ],
            options={
                'verbose_name': 'response schedule',
                'verbose_name_plural': 'response schedules',
                'ordering': ['is_fallback', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_fallback', True)), fields=('is_fallback',), name='one_fallback_policy', violation_error_message='Another schedule is the fallback already.'), models.CheckConstraint(condition=models.Q(('is_fallback', False), ('active', True), _connector='OR'), name='fallback_policy_active', violation_error_message='The fallback holds for every other ticket; it stays on.')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('spec', models.JSONField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='escalation.policy')),
            ],
            options={
                'ordering': ['policy', 'number'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='policy_version_once', violation_error_message='This schedule has a version of this number already.')],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(choices=[('first_reply', 'First reply'), ('next_reply', 'Next reply'), ('update', 'Update'), ('resolution', 'Resolution'), ('callback', 'Callback'), ('expert_answer', "Expert's answer")], max_length=16)),
                ('cycle', models.PositiveIntegerField(default=1)),
                ('subject', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('running', 'Running'), ('paused', 'Paused'), ('met', 'Met'), ('breached', 'Late'), ('met_late', 'Met late'), ('cancelled', 'Cancelled')], max_length=10)),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('next_step_at', models.DateTimeField(blank=True, null=True)),
                ('breached_at', models.DateTimeField(blank=True, null=True)),
                ('detected_at', models.DateTimeField(blank=True, null=True)),
                ('satisfied_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='tickets.ticket')),
                ('version', models.ForeignKey(blank=True, help_text='Empty where a promised instant is owed under no policy.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='escalation.policyversion')),
            ],
            options={
                'ordering': ['started_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('next_step_at__isnull', False)), fields=['next_step_at', 'id'], name='clock_due'), models.Index(condition=models.Q(('parked_at__isnull', False)), fields=['parked_at'], name='clock_parked')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'metric', 'cycle', 'subject'), name='one_clock_per_cycle', violation_error_message='This ticket has this clock already.'), models.CheckConstraint(condition=models.Q(('state__in', ['running', 'paused', 'met', 'breached', 'met_late', 'cancelled'])), name='clock_state_known', violation_error_message='A clock has no such state.')],
            },
        ),
        migrations.CreateModel(
            name='Binding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=8)),
                ('at', models.DateTimeField()),
                ('because', models.TextField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bindings', to='tickets.ticket')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bindings', to='escalation.policyversion')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['ticket', 'at', 'id'], name='binding_ticket_at')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('token', models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_revision', violation_error_message='The configuration has one revision number, no more.')],
            },
        ),
        migrations.CreateModel(
            name='Firing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule_name', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('because', models.TextField()),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='firings', to='tickets.ticket')),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='firings', to='escalation.rule')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'rule'), name='rule_fires_once_per_ticket', violation_error_message='This rule has fired on this ticket already.')],
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger', models.CharField(choices=[('warning', 'A deadline comes near'), ('breach', 'A deadline was missed'), ('rule', 'A rule fired'), ('flag', 'Flagged for a person'), ('hand_over', 'Handed to a supervisor'), ('take_over', 'Taken over by a supervisor')], max_length=10)),
                ('key', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('acknowledged', 'Acknowledged'), ('taken_over', 'Taken over'), ('ended', 'Ended')], default='open', max_length=12)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('because', models.TextField()),
                ('started_at', models.DateTimeField()),
                ('next_step_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('taken_over_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, max_length=200)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='escalation.clock')),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_over_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='tickets.ticket')),
                ('path_version', models.ForeignKey(blank=True, help_text='Empty: the built-in chain, supervisors and then administrators.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='escalations', to='escalation.pathversion')),
                ('rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='escalation.rule')),
            ],
            options={
                'ordering': ['-started_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('next_step_at__isnull', False)), fields=['next_step_at', 'id'], name='escalation_due'), models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['started_at', 'id'], name='escalation_under_way'), models.Index(condition=models.Q(('parked_at__isnull', False)), fields=['parked_at'], name='escalation_parked')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'trigger', 'key'), name='one_climb_per_cause', violation_error_message='This ticket has been escalated for this already.'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'acknowledged', 'taken_over', 'ended'])), name='escalation_state_known', violation_error_message='An escalation has no such state.'), models.CheckConstraint(condition=models.Q(('state', 'open'), ('next_step_at__isnull', True), _connector='OR'), name='only_open_escalations_climb', violation_error_message='Only an open escalation has a next step.')],
            },
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('order_above', 'an order is worth more than'), ('named', 'the customer has a named person of ours'), ('contact', 'the customer is'), ('organization', 'the customer belongs to'), ('tier', "the customer's tier is"), ('words', "the subject or a customer's message says one of"), ('nature', 'the matter is a'), ('category', 'the category is'), ('channel', 'it came by'), ('priority', 'the priority is'), ('team', 'the team is'), ('tag', 'it has the tag')], max_length=12, verbose_name='when')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                ('currency', models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'A currency is three capital letters, such as USD.')])),
                ('words', models.CharField(blank=True, help_text='Separated by commas.', max_length=300)),
                ('nature', models.CharField(blank=True, choices=[('question', 'Product question'), ('problem', 'Problem'), ('management', 'Needs a management decision'), ('suggestion', 'Suggestion')], max_length=12)),
                ('channel', models.CharField(blank=True, choices=[('email', 'E-mail'), ('phone', 'Phone'), ('form', 'Web form'), ('portal', 'Portal'), ('api', 'API')], max_length=8)),
                ('priority', models.CharField(blank=True, choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=8)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.category')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.contact')),
                ('organization', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organization')),
                ('tag', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.tag')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
                ('tier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.tier')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='escalation.rule')),
            ],
            options={
                'ordering': ['rule', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('start_path', 'start the escalation path'), ('set_priority', 'set the priority to'), ('assign_team', 'move it to the team'), ('assign_person', 'assign it to'), ('add_tag', 'add the tag'), ('involve', 'put it before'), ('involve_named', "put it before the customer's named person"), ('owe_call', 'owe the customer a phone call within'), ('flag', 'flag it for a person, saying')], max_length=14, verbose_name='do')),
                ('priority', models.CharField(blank=True, choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=8)),
                ('within', models.DurationField(blank=True, help_text='Empty: as the response schedule says for callbacks.', null=True)),
                ('text', models.CharField(blank=True, max_length=200)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tag', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.tag')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
                ('path', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.path')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='escalation.rule')),
            ],
            options={
                'ordering': ['rule', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)])),
                ('delay', models.DurationField(help_text='After the climb began, such as 0, 15 min or 2 h.')),
                ('who', models.CharField(choices=[('assignee', 'whoever the ticket is assigned to'), ('person', 'a person'), ('team', 'everybody in a team'), ('supervisors', "the supervisors of the ticket's team"), ('role', 'everybody in a role'), ('named', "the customer's named person"), ('admins', 'the administrators')], max_length=12)),
                ('role', models.CharField(blank=True, choices=[('agent', 'Agent'), ('supervisor', 'Supervisor'), ('executive', 'Executive'), ('expert', 'Expert'), ('admin', 'Admin')], max_length=12)),
                ('channel', models.CharField(choices=[('email', 'by e-mail and on the desk'), ('desk', 'on the desk only')], default='email', max_length=5)),
                ('repeats', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(50)])),
                ('every', models.DurationField(blank=True, null=True)),
                ('calendar', models.ForeignKey(blank=True, help_text='Counts its open hours only; empty: by the clock on the wall.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.calendar')),
                ('path', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='escalation.path')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
            ],
            options={
                'ordering': ['level', 'delay', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('path', 'level'), name='one_step_per_level', violation_error_message='This path has a step of this level already.'), models.CheckConstraint(condition=models.Q(('repeats', 0), ('every__isnull', False), _connector='OR'), name='repeat_needs_every', violation_error_message='Say how long to wait before telling them again.')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(choices=[('first_reply', 'First reply'), ('next_reply', 'Next reply'), ('update', 'Update'), ('resolution', 'Resolution'), ('callback', 'Callback'), ('expert_answer', "Expert's answer")], max_length=16)),
                ('priority', models.CharField(blank=True, choices=[('', 'any priority'), ('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=8)),
                ('duration', models.DurationField(blank=True, help_text='Such as 30 min, 24 h, 2 days; empty: no target.', null=True, verbose_name='within')),
                ('warnings', models.CharField(blank=True, help_text='Such as 75%, 30 min before.', max_length=120, verbose_name='warn at')),
                ('pause_on', models.JSONField(blank=True, default=list, verbose_name='paused while')),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='So many unanswered calls keep a callback; 0: only reaching the customer does.', validators=[django.core.validators.MaxValueValidator(20)], verbose_name='calls that count')),
                ('calendar', models.ForeignKey(blank=True, help_text='Counts its open hours only; empty: by the clock on the wall.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.calendar')),
                ('path', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.path', verbose_name='when missed')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='escalation.policy')),
                ('warning_path', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.path', verbose_name='when warned')),
            ],
            options={
                'ordering': ['policy', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'metric', 'priority'), name='one_target_per_metric', violation_error_message='This schedule has a target for this clock at this priority already.')],
            },
        ),
        migrations.CreateModel(
            name='CalendarException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('kind', models.CharField(choices=[('closed', 'closed'), ('extra', 'also open')], default='closed', max_length=6)),
                ('opens', models.TimeField(blank=True, help_text='Empty: the whole day.', null=True, verbose_name='from')),
                ('closes', models.TimeField(blank=True, null=True, verbose_name='to')),
                ('name', models.CharField(blank=True, help_text='Such as Christmas Day.', max_length=80)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='escalation.calendar')),
            ],
            options={
                'ordering': ['date', 'opens', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closes__isnull', True), ('opens__isnull', True)), models.Q(('closes__isnull', False), ('opens__isnull', False)), _connector='OR'), name='exception_hours_both_or_none', violation_error_message='Give both hours, or neither for the whole day.')],
            },
        ),
        migrations.CreateModel(
            name='CalendarVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('effective_at', models.DateTimeField()),
                ('spec', models.JSONField()),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='escalation.calendar')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['calendar', 'number'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'number'), name='calendar_version_once', violation_error_message='This calendar has a version of this number already.')],
            },
        ),
        migrations.CreateModel(
            name='ClockStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('warning', 'Warning'), ('breach', 'Breach')], max_length=8)),
                ('key', models.CharField(blank=True, max_length=24)),
                ('at', models.DateTimeField(help_text='The true instant.')),
                ('acted_at', models.DateTimeField(help_text='When the sweep came to it.')),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='escalation.clock')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('clock', 'kind', 'key'), name='clock_step_once', violation_error_message='This has been acted on already.')],
            },
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('repeat', models.PositiveSmallIntegerField(default=0)),
                ('at', models.DateTimeField(help_text='When it was due.')),
                ('acted_at', models.DateTimeField()),
                ('passed_over', models.BooleanField(default=False, help_text='Recorded but not sent: a higher level was due already.')),
                ('told', models.JSONField(blank=True, default=list)),
                ('remark', models.TextField(blank=True)),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='escalation.escalation')),
            ],
            options={
                'ordering': ['at', 'level', 'repeat', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('escalation', 'level', 'repeat'), name='told_once_per_level_and_repeat', violation_error_message='This level has been told already.')],
            },
        ),
    ]
