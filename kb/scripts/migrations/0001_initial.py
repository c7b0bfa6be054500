import django.db.models.deletion
import kb.scripts.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Script',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('greeting', 'Greeting'), ('hold', 'Putting somebody on hold'), ('transfer', 'Transfer'), ('angry', 'Angry caller'), ('apology', 'Apology'), ('outage', 'Outage'), ('hand_over', 'A supervisor takes over'), ('reply', 'Canned reply')], max_length=10)),
                ('body', models.TextField(validators=[kb.scripts.models.known_fields_only], verbose_name='words')),
                ('active', models.BooleanField(default=True)),
                ('order', models.PositiveSmallIntegerField(default=100)),
                ('category', models.ForeignKey(blank=True, help_text='Offered on tickets of this category only; empty: on every ticket.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.category')),
            ],
            options={
                'ordering': ['kind', 'order', 'name'],
            },
        ),
    ]
