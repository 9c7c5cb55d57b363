"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parking", "0004_lists"),
        ("venues", "0006_indexes_that_others_begin_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("gateevent", "lot"),
        DropOwnIndexOnline("gateevent", "seen_by"),
        DropOwnIndexOnline("parkingcapacity", "lot"),
        DropOwnIndexOnline("parkingcharge", "lot"),
        DropOwnIndexOnline("parkingcharge", "session"),
        DropOwnIndexOnline("parkinglot", "venue"),
        DropOwnIndexOnline("parkingreservation", "capacity"),
        DropOwnIndexOnline("parkingreservation", "holder"),
        DropOwnIndexOnline("parkingsession", "lot"),
        DropOwnIndexOnline("parkingsession", "user"),
        DropOwnIndexOnline("parkingspace", "lot"),
        DropOwnIndexOnline("pricechange", "capacity"),
        DropOwnIndexOnline("vehicle", "user"),
    ]
