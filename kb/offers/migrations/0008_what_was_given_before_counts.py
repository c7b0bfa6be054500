from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import migrations
from django.db.models import Q

AT_ONCE = 500


def count_what_was_given(apps, schema_editor):
    """Refunds and percentages from before orders were counted take their part of them too.

    In the order in which they were made, none more than was left of the order by then.
    """
    model = apps.get_model("offers", "Grant")
    of_an_order = Q(offer__kind="refund") | Q(unit="percent")
    given = model.objects.filter(of_an_order, state="granted", order=None).order_by("pk")
    last = 0
    while chunk := list(given.filter(pk__gt=last).select_related("ticket")[:AT_ONCE]):
        last = chunk[-1].pk
        for grant in chunk:
            count(apps, grant)


def count(apps, grant):
    order, worth = biggest(apps, grant.ticket)
    if order is None:
        return
    share, _ = apps.get_model("offers", "OrderShare").objects.get_or_create(
        order=order, defaults={"total": order.amount}
    )
    part = taken(grant, order, worth).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    grant.order, grant.counted = order, max(min(part, share.total - share.given), Decimal(0))
    grant.save(update_fields=["order", "counted"])
    share.given += grant.counted
    share.save(update_fields=["given"])


def biggest(apps, ticket):
    """The order of the highest worth in the base currency, else one that nobody can value."""
    orders = list(ticket.orders.order_by("-placed_at", "-pk"))
    known = [(each, in_base(apps, each)) for each in orders]
    valued = [(order, worth) for order, worth in known if worth is not None]
    if valued:
        return max(valued, key=lambda each: (each[1], each[0].pk))
    return (orders[0] if orders else None), None


def in_base(apps, order):
    if order.currency == settings.BASE_CURRENCY:
        return order.amount
    rates = apps.get_model("people", "ExchangeRate").objects.filter(
        currency=order.currency, valid_from__lte=order.placed_at.date()
    )
    rate = rates.order_by("-valid_from").values_list("rate", flat=True).first()
    return None if rate is None else order.amount * rate


def taken(grant, order, worth):
    """In the order's currency; nothing where nobody knows what the order was worth."""
    if grant.unit == "percent":
        return order.amount * grant.amount / 100
    if grant.currency == order.currency and grant.unit == "money":
        return grant.amount
    return grant.cost * order.amount / worth if worth else Decimal(0)


class Migration(migrations.Migration):
    # A step of its own: PostgreSQL changes no table whose rows have just been changed.

    dependencies = [
        ('offers', '0007_orders_are_given_back_once'),
    ]

    operations = [
        migrations.RunPython(count_what_was_given, migrations.RunPython.noop, elidable=True),
    ]
