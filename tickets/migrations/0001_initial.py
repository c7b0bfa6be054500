import django.db.models.deletion
import django.db.models.functions.text
import tickets.lifecycle
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('outbox', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('nature', models.CharField(choices=[('question', 'Product question'), ('problem', 'Problem'), ('management', 'Needs a management decision'), ('suggestion', 'Suggestion')], default='question', max_length=12)),
                ('is_default', models.BooleanField(default=False)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
            ],
            options={
                'verbose_name_plural': 'categories',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_default_category', violation_error_message='Another category is the default; unmark it first.')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('customer', 'From the customer'), ('reply', 'Reply'), ('note', 'Internal note'), ('progress', 'Progress line'), ('automatic', 'Automatic message')], max_length=10)),
                ('body', models.TextField()),
                ('at', models.DateTimeField(help_text='Received by our system, or written.')),
                ('message_id', models.CharField(blank=True, help_text='The Message-ID of the mail that brought it.', max_length=250)),
                ('hold', models.DurationField(blank=True, editable=False, null=True)),
                ('status_after', models.CharField(blank=True, choices=[('new', 'New'), ('open', 'Open'), ('pending', 'Pending'), ('on_hold', 'On hold'), ('solved', 'Solved'), ('closed', 'Closed')], max_length=8)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.contact')),
                ('mail', models.OneToOneField(blank=True, help_text="The mail that carries this message out; its state is the message's.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outbox.outgoingmail')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['message_id'], name='message_message_id')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to='attachments/%Y/%m/')),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField(help_text='Bytes.')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='tickets.message')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='tag_name_unique', violation_error_message='There is a tag of this name already; case does not count.')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(editable=False, max_length=16, unique=True)),
                ('subject', models.CharField(max_length=250)),
                ('status', models.CharField(choices=[('new', 'New'), ('open', 'Open'), ('pending', 'Pending'), ('on_hold', 'On hold'), ('solved', 'Solved'), ('closed', 'Closed')], default=tickets.lifecycle.Status['NEW'], max_length=8)),
                ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], default='normal', max_length=8)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('phone', 'Phone'), ('form', 'Web form'), ('portal', 'Portal'), ('api', 'API')], max_length=8)),
                ('version', models.PositiveIntegerField(default=1)),
                ('opened_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('solved_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('last_message_by_customer', models.BooleanField(default=True)),
                ('next_due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('next_due_metric', models.CharField(blank=True, editable=False, max_length=16)),
                ('is_late', models.BooleanField(default=False, editable=False)),
                ('is_paused', models.BooleanField(default=False, editable=False)),
                ('answer_due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('solve_due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('escalation_level', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned', to=settings.AUTH_USER_MODEL)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='tickets.category')),
                ('followers', models.ManyToManyField(blank=True, related_name='followed_tickets', to=settings.AUTH_USER_MODEL)),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='tickets.ticket')),
                ('orders', models.ManyToManyField(blank=True, related_name='tickets', to='people.order')),
                ('organization', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tickets', to='people.organization')),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='people.contact')),
                ('tags', models.ManyToManyField(blank=True, related_name='tickets', to='tickets.tag')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='people.team')),
            ],
            options={
                'ordering': ['-opened_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('status__in', [tickets.lifecycle.Status['NEW'], tickets.lifecycle.Status['ON_HOLD'], tickets.lifecycle.Status['OPEN'], tickets.lifecycle.Status['PENDING']])), fields=['next_due_at', 'id'], name='ticket_active_due'), models.Index(condition=models.Q(('status__in', [tickets.lifecycle.Status['NEW'], tickets.lifecycle.Status['ON_HOLD'], tickets.lifecycle.Status['OPEN'], tickets.lifecycle.Status['PENDING']])), fields=['team', 'next_due_at', 'id'], name='ticket_team_due'), models.Index(condition=models.Q(('status__in', [tickets.lifecycle.Status['NEW'], tickets.lifecycle.Status['ON_HOLD'], tickets.lifecycle.Status['OPEN'], tickets.lifecycle.Status['PENDING']])), fields=['assignee', 'next_due_at', 'id'], name='ticket_assignee_due'), models.Index(fields=['requester', '-opened_at'], name='ticket_requester'), models.Index(fields=['status', '-updated_at', '-id'], name='ticket_status_updated'), models.Index(fields=['-updated_at', '-id'], name='ticket_updated')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'])), name='ticket_status_known', violation_error_message='A ticket has no such status.'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('status', tickets.lifecycle.Status['CLOSED']), _connector='OR'), name='merged_ticket_is_closed', violation_error_message='A ticket that was merged into another is closed.')],
            },
        ),
        migrations.AddField(
            model_name='message',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='tickets.ticket'),
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.CharField(max_length=200)),
                ('since', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='involvements', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='involvements', to='tickets.ticket')),
            ],
            options={
                'ordering': ['since', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'user'), name='involved_once', violation_error_message='This ticket has been put before this person already.')],
            },
        ),
        migrations.CreateModel(
            name='TicketEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('opened', 'Opened'), ('customer_message', 'Customer wrote'), ('reply_written', 'Reply written'), ('reply_edited', 'Held reply edited'), ('reply_recalled', 'Reply recalled'), ('reply_released', 'Reply sent'), ('reply_failed', 'Reply could not be delivered'), ('acknowledged_customer', 'Automatic acknowledgement'), ('note_added', 'Note added'), ('progress', 'Customer told of progress'), ('status_changed', 'Status changed'), ('priority_changed', 'Priority changed'), ('category_changed', 'Category changed'), ('subject_changed', 'Subject changed'), ('requester_changed', 'Customer changed'), ('assigned', 'Assigned'), ('team_changed', 'Moved to a team'), ('tags_changed', 'Tags changed'), ('followers_changed', 'Followers changed'), ('involved', 'Put before a person'), ('linked', 'Linked'), ('order_linked', 'Order linked'), ('merged_away', 'Merged into another ticket'), ('merged_in', 'Another ticket merged in'), ('split_off', 'Split off'), ('split_from', 'Split from another ticket'), ('call_reached', 'Call reached the customer'), ('call_attempted', 'Call did not reach the customer'), ('call_received', 'Customer called'), ('callback_promised', 'Callback promised'), ('callback_withdrawn', 'Callback withdrawn'), ('expert_asked', 'Expert asked'), ('expert_answered', 'Expert answered'), ('expert_withdrawn', 'Question withdrawn'), ('offer_requested', 'Approval of an offer asked'), ('offer_granted', 'Offer granted'), ('offer_refused', 'Offer refused'), ('offer_reversed', 'Offer reversed'), ('policy_bound', 'Response schedule chosen'), ('warned', 'Warned of a deadline'), ('breached', 'Deadline missed'), ('rule_fired', 'Rule fired'), ('escalated', 'Escalated'), ('escalation_acknowledged', 'Escalation acknowledged'), ('handed_over', 'Handed to a supervisor'), ('taken_over', 'Taken over'), ('handed_back', 'Handed back'), ('flagged', 'Flagged for a person')], max_length=24)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('data', models.JSONField(blank=True, default=dict)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.message')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='tickets.ticket')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['ticket', 'at', 'id'], name='event_ticket_at')],
            },
        ),
        migrations.CreateModel(
            name='TicketLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('related', 'Related to'), ('split', 'Split from'), ('follow_up', 'Follow-up of')], default='related', max_length=10)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='linked_from', to='tickets.ticket')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='tickets.ticket')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'other', 'kind'), name='linked_once', violation_error_message='These tickets are linked in this way already.'), models.CheckConstraint(condition=models.Q(('ticket', models.F('other')), _negated=True), name='no_link_to_itself', violation_error_message='A ticket cannot be linked to itself.')],
            },
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['ticket', 'at', 'id'], name='message_ticket_at'),
        ),
    ]
