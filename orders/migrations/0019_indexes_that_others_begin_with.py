"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0018_buyers_to_forget"),
        ("venues", "0006_indexes_that_others_begin_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("callofforder", "call_off"),
        DropOwnIndexOnline("daypart", "venue"),
        DropOwnIndexOnline("fulfilment", "order"),
        DropOwnIndexOnline("moveanswer", "move"),
        DropOwnIndexOnline("option", "group"),
        DropOwnIndexOnline("optiongroup", "product"),
        DropOwnIndexOnline("order", "user"),
        DropOwnIndexOnline("order", "venue"),
        DropOwnIndexOnline("orderitem", "order"),
        DropOwnIndexOnline("orderrating", "order"),
        DropOwnIndexOnline("outlet", "venue"),
        DropOwnIndexOnline("product", "outlet"),
        DropOwnIndexOnline("productvariant", "product"),
        DropOwnIndexOnline("promocode", "venue"),
        DropOwnIndexOnline("promouse", "order"),
        DropOwnIndexOnline("receipt", "venue"),
        DropOwnIndexOnline("refundline", "refund"),
    ]
