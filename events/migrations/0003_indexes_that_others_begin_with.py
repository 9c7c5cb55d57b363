"""No foreign key has an index of its own where another begins with its column."""

from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0002_series"),
        ("venues", "0006_indexes_that_others_begin_with"),
    ]

    operations = [
        DropOwnIndexOnline("event", "venue"),
        DropOwnIndexOnline("eventseries", "venue"),
    ]
