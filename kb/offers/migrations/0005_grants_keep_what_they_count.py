from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def as_their_offers_count(apps, schema_editor):
    grants, offers = apps.get_model("offers", "Grant").objects, apps.get_model("offers", "Offer").objects
    offer = offers.filter(pk=OuterRef("offer"))
    grants.update(unit=Subquery(offer.values("unit")), currency=Subquery(offer.values("currency")))


class Migration(migrations.Migration):

    dependencies = [
        ('offers', '0004_sentences_of_any_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='grant',
            name='unit',
            field=models.CharField(choices=[('money', 'an amount of money'), ('percent', 'percent of the order'), ('piece', 'pieces')], default='money', editable=False, max_length=7),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='grant',
            name='currency',
            field=models.CharField(default='USD', editable=False, max_length=3),
            preserve_default=False,
        ),
        migrations.RunPython(as_their_offers_count, migrations.RunPython.noop, elidable=True),
    ]
