import tickets.people.models.customers
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_mailable_addresses'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='What they speak, such as en, de or pt-br.', max_length=12, validators=[tickets.people.models.customers.known_language]),
        ),
    ]
