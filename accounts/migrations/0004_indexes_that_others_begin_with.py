"""No foreign key has an index of its own where another begins with its column."""

from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_lists"),
    ]

    operations = [
        DropOwnIndexOnline("consolesession", "user"),
        DropOwnIndexOnline("phonecode", "user"),
        DropOwnIndexOnline("signin", "user"),
    ]
