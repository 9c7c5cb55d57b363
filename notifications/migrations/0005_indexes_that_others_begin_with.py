"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("notifications", "0004_number_of_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("consent", "user"),
        DropOwnIndexOnline("preference", "user"),
        DropOwnIndexOnline("webhookmessage", "endpoint"),
    ]
