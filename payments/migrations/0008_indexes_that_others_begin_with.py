"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("payments", "0007_dashboard"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("payment", "payer"),
        DropOwnIndexOnline("paymentsplit", "payment"),
        DropOwnIndexOnline("transfer", "account"),
        DropOwnIndexOnline("transferreversal", "transfer"),
    ]
