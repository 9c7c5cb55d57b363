import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("payments", "0007_dashboard"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="payment",
            name="payer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="paymentsplit",
            name="payment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="splits",
                to="payments.payment",
            ),
        ),
        DropOwnIndexOnline(
            model_name="transfer",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="payments.connectedaccount",
            ),
        ),
        DropOwnIndexOnline(
            model_name="transferreversal",
            name="transfer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="payments.transfer",
            ),
        ),
    ]
