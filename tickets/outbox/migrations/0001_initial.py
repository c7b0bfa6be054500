import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('to', 'To'), ('cc', 'Cc'), ('bcc', 'Bcc')], default='to', max_length=3)),
                ('name', models.CharField(blank=True, max_length=160)),
                ('email', models.EmailField(max_length=254)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('dead', 'Given up')], default='waiting', max_length=8)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('claim', models.UUIDField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('next_try_at__isnull', False), ('state__in', ['waiting', 'sending'])), fields=['next_try_at', 'id'], name='delivery_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'dead'])), name='delivery_state_known', violation_error_message='A delivery has no such state.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'sending'), _negated=True), models.Q(('claim__isnull', False), ('next_try_at__isnull', False)), _connector='OR'), name='delivery_sending_has_lease', violation_error_message='A delivery under way is held by somebody, for a time.')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('held', 'Held'), ('released', 'On its way'), ('sent', 'Sent'), ('recalled', 'Recalled'), ('dead', 'Undeliverable')], default='held', max_length=8)),
                ('purpose', models.CharField(choices=[('reply', 'Reply'), ('acknowledgement', 'Acknowledgement'), ('alert', 'Alert to staff'), ('notice', 'Notice')], max_length=16)),
                ('message_id', models.CharField(max_length=250, unique=True)),
                ('sender', models.CharField(help_text='The From header.', max_length=320)),
                ('reply_to', models.CharField(blank=True, max_length=320)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True)),
                ('headers', models.JSONField(blank=True, default=dict)),
                ('written_at', models.DateTimeField()),
                ('release_at', models.DateTimeField(help_text='Leaves the hold at this instant.')),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, help_text="The first recipient's server took it.", null=True)),
                ('recalled_at', models.DateTimeField(blank=True, null=True)),
                ('announced_at', models.DateTimeField(blank=True, help_text='Its owner was told that it left, or died.', null=True)),
                ('announce_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('announce_tries', models.PositiveSmallIntegerField(default=0, editable=False)),
            ],
            options={
                'ordering': ['-written_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'held')), fields=['release_at', 'id'], name='mail_held_release'), models.Index(condition=models.Q(('announce_at__isnull', False)), fields=['announce_at', 'id'], name='mail_unannounced')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['held', 'released', 'sent', 'recalled', 'dead'])), name='mail_state_known', violation_error_message='A mail has no such state.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='mail_sent_has_instant', violation_error_message='A mail that was sent has the instant at which it was.')],
            },
        ),
    ]
