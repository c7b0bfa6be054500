import django.core.validators
import django.db.models.deletion
import kb.scripts.models
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
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('discount', 'Discount'), ('credit', 'Credit'), ('refund', 'Refund'), ('gift', 'Free gift'), ('month', 'Free month')], max_length=8)),
                ('unit', models.CharField(choices=[('money', 'an amount of money'), ('percent', 'percent of the order'), ('piece', 'pieces')], max_length=7)),
                ('currency', models.CharField(default='USD', max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'A currency is three capital letters, such as USD.')])),
                ('least', models.DecimalField(decimal_places=2, default=Decimal('0.01'), help_text='The least that can be given.', max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('most', models.DecimalField(decimal_places=2, help_text='The most that anybody may give.', max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('piece_value', models.DecimalField(blank=True, decimal_places=2, help_text='What one piece costs us.', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('words', models.TextField(help_text='What the customer is told; fields as in scripts.', validators=[kb.scripts.models.known_fields_only])),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('least__gt', 0), ('most__gte', models.F('least'))), name='offer_least_to_most', violation_error_message='The least is more than nothing, and no more than the most.'), models.CheckConstraint(condition=models.Q(models.Q(('unit', 'percent'), _negated=True), ('most__lte', 100), _connector='OR'), name='offer_percent_at_most_100', violation_error_message='More than 100 percent cannot be given.'), models.CheckConstraint(condition=models.Q(models.Q(('unit', 'piece'), _negated=True), ('piece_value__isnull', False), _connector='OR'), name='offer_piece_has_value', violation_error_message='Say what one piece is worth.')],
            },
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='The first day of the month.')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('spent', models.DecimalField(decimal_places=2, default=Decimal('0'), editable=False, max_digits=12)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to='people.team')),
            ],
            options={
                'ordering': ['-month', 'team'],
                'constraints': [models.UniqueConstraint(fields=('team', 'month'), name='one_budget_a_month', violation_error_message='This team has a budget for this month already.'), models.CheckConstraint(condition=models.Q(('spent__gte', 0), ('spent__lte', models.F('amount'))), name='budget_never_exceeded', violation_error_message='More has been spent than this amount, or less than nothing.'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='budget_month_begins', violation_error_message="A budget's month is named by its first day.")],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, help_text="In the offer's unit.", max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('cost', models.DecimalField(decimal_places=2, help_text='In the base currency, when it was granted.', max_digits=12)),
                ('state', models.CharField(choices=[('requested', 'Waiting for approval'), ('granted', 'Granted'), ('refused', 'Refused'), ('reversed', 'Reversed')], max_length=9)),
                ('key', models.CharField(help_text='The request that made it.', max_length=80, unique=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('requested_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.CharField(blank=True, max_length=200)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='tickets.ticket')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='offers.offer')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'granted'])), fields=('ticket', 'offer'), name='one_living_grant_per_offer'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('cost__gte', 0)), name='grant_positive', violation_error_message='What is offered is worth more than nothing.'), models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'granted', 'refused', 'reversed'])), name='grant_state_known', violation_error_message='An offer that was made has no such state.')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cost', models.DecimalField(decimal_places=2, max_digits=12)),
                ('at', models.DateTimeField()),
                ('is_reversal', models.BooleanField(default=False)),
                ('budget', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offers.budget')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='offers.grant')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
            ],
            options={
                'verbose_name_plural': 'ledger',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('grant', 'is_reversal'), name='booked_once', violation_error_message='This has been booked already.'), models.CheckConstraint(condition=models.Q(models.Q(('cost__gte', 0), ('is_reversal', False)), models.Q(('cost__lte', 0), ('is_reversal', True)), _connector='OR'), name='reversal_takes_back', violation_error_message='Only a reversal takes money back.')],
            },
        ),
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('agent', 'Agent'), ('supervisor', 'Supervisor'), ('executive', 'Executive'), ('expert', 'Expert'), ('admin', 'Admin')], max_length=12)),
                ('most', models.DecimalField(decimal_places=2, help_text='In one grant.', max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('most_a_month', models.DecimalField(blank=True, decimal_places=2, help_text="All grants of this offer by one person in a month, in the offer's unit; empty: no limit.", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='authorities', to='offers.offer')),
            ],
            options={
                'verbose_name_plural': 'authorities',
                'ordering': ['offer', 'most'],
                'constraints': [models.UniqueConstraint(fields=('offer', 'role'), name='authority_once_per_role', violation_error_message='This role has an authority over this offer already.'), models.CheckConstraint(condition=models.Q(('most__gt', 0)), name='authority_positive', violation_error_message='An authority is over more than nothing.')],
            },
        ),
        migrations.CreateModel(
            name='Situation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('reason', models.CharField(help_text='Why we offer something here, as the agent reads it.', max_length=200)),
                ('nature', models.CharField(blank=True, choices=[('question', 'Product question'), ('problem', 'Problem'), ('management', 'Needs a management decision'), ('suggestion', 'Suggestion')], max_length=12)),
                ('order_at_least', models.DecimalField(blank=True, decimal_places=2, help_text='In the base currency.', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('missed_deadline', models.BooleanField(default=False, help_text='We are late, or were late, with an answer on this ticket.')),
                ('tier_at_least', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.tier')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='offer',
            name='situations',
            field=models.ManyToManyField(related_name='offers', to='offers.situation'),
        ),
    ]
