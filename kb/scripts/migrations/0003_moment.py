import django.core.validators
from django.db import migrations, models


def coming_back(apps, schema_editor):
    """The first scripts had no kind for the words after a hold."""
    scripts = apps.get_model('scripts', 'Script').objects
    scripts.filter(kind='hold', name='Coming back from hold').update(kind='back')


class Migration(migrations.Migration):

    dependencies = [
        ('scripts', '0002_texts_have_a_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='script',
            name='moment',
            field=models.PositiveSmallIntegerField(default=60, help_text='For putting somebody on hold: after so many seconds the agent has to go back. The field {moment} says it in words.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(1800)], verbose_name='seconds promised'),
        ),
        migrations.AlterField(
            model_name='script',
            name='kind',
            field=models.CharField(choices=[('greeting', 'Greeting'), ('hold', 'Putting somebody on hold'), ('back', 'Coming back from hold'), ('transfer', 'Transfer'), ('angry', 'Angry caller'), ('apology', 'Apology'), ('outage', 'Outage'), ('hand_over', 'A supervisor takes over'), ('reply', 'Canned reply')], max_length=10),
        ),
        migrations.RunPython(coming_back, migrations.RunPython.noop, elidable=True),
    ]
