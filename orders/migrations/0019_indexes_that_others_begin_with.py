import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0018_buyers_to_forget"),
        ("venues", "0006_indexes_that_others_begin_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="callofforder",
            name="call_off",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="orders", to="orders.calloff"
            ),
        ),
        DropOwnIndexOnline(
            model_name="daypart",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="dayparts", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="fulfilment",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfilments",
                to="orders.order",
            ),
        ),
        DropOwnIndexOnline(
            model_name="moveanswer",
            name="move",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="orders.eventmove",
            ),
        ),
        DropOwnIndexOnline(
            model_name="option",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="orders.optiongroup",
            ),
        ),
        DropOwnIndexOnline(
            model_name="optiongroup",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="option_groups",
                to="orders.product",
            ),
        ),
        DropOwnIndexOnline(
            model_name="order",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="order",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="orderitem",
            name="order",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="orders.order"
            ),
        ),
        DropOwnIndexOnline(
            model_name="orderrating",
            name="order",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="orders.order"
            ),
        ),
        DropOwnIndexOnline(
            model_name="outlet",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="outlets", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="product",
            name="outlet",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="products", to="orders.outlet"
            ),
        ),
        DropOwnIndexOnline(
            model_name="productvariant",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="variants",
                to="orders.product",
            ),
        ),
        DropOwnIndexOnline(
            model_name="promocode",
            name="venue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promo_codes",
                to="venues.venue",
            ),
        ),
        DropOwnIndexOnline(
            model_name="promouse",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promo_uses",
                to="orders.order",
            ),
        ),
        DropOwnIndexOnline(
            model_name="receipt",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="refundline",
            name="refund",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="orders.orderrefund",
            ),
        ),
    ]
