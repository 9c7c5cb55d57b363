"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("venues", "0005_devices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("feerule", "venue"),
        DropOwnIndexOnline("seat", "plan"),
        DropOwnIndexOnline("seat", "section"),
        DropOwnIndexOnline("seatingplan", "venue"),
        DropOwnIndexOnline("seatsection", "plan"),
        DropOwnIndexOnline("taxrate", "venue"),
        DropOwnIndexOnline("venuedevice", "venue"),
        DropOwnIndexOnline("venuestaff", "user"),
    ]
