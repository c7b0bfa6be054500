import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RawMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raw', models.BinaryField()),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('key', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('source', models.CharField(max_length=20)),
                ('size', models.PositiveIntegerField(help_text='Bytes.')),
                ('received_at', models.DateTimeField(help_text='By our mail server; deadlines count from here.')),
                ('state', models.CharField(choices=[('stored', 'Waiting'), ('processed', 'On a ticket'), ('ignored', 'Ignored'), ('failed', 'Failed, will be tried again'), ('parked', 'Needs a person')], default='stored', max_length=9)),
                ('because', models.TextField(blank=True, help_text='Why it was ignored, failed or needs you.')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('processed_at', models.DateTimeField(blank=True, null=True)),
                ('sender', models.CharField(blank=True, max_length=254)),
                ('subject', models.CharField(blank=True, max_length=250)),
                ('acknowledged', models.BooleanField(default=False)),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='raw_mails', to='tickets.message')),
                ('ticket', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='raw_mails', to='tickets.ticket')),
            ],
            options={
                'verbose_name': 'incoming mail',
                'verbose_name_plural': 'incoming mail',
                'ordering': ['-received_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['stored', 'failed'])), fields=['next_try_at', 'id'], name='rawmail_waiting'), models.Index(condition=models.Q(('acknowledged', True)), fields=['sender', 'processed_at'], name='rawmail_acknowledged'), models.Index(fields=['state', '-received_at', '-id'], name='rawmail_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['stored', 'processed', 'ignored', 'failed', 'parked'])), name='rawmail_state_known', violation_error_message='A mail that came in has no such state.')],
            },
        ),
    ]
