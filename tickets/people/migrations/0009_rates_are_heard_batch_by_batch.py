from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0008_rates_are_heard_on_their_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='exchangerate',
            name='heard_to',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
    ]
