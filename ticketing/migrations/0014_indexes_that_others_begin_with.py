"""No foreign key has an index of its own where another begins with its column."""

from django.conf import settings
from django.db import migrations

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0003_indexes_that_others_begin_with"),
        ("orders", "0019_indexes_that_others_begin_with"),
        ("ticketing", "0013_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline("answer", "question"),
        DropOwnIndexOnline("answer", "ticket"),
        DropOwnIndexOnline("bundle", "event"),
        DropOwnIndexOnline("bundleline", "bundle"),
        DropOwnIndexOnline("checkinlist", "event"),
        DropOwnIndexOnline("doorsale", "sold_by"),
        DropOwnIndexOnline("entryslot", "event"),
        DropOwnIndexOnline("eventseat", "event"),
        DropOwnIndexOnline("limitedbuyer", "event"),
        DropOwnIndexOnline("question", "event"),
        DropOwnIndexOnline("scan", "event"),
        DropOwnIndexOnline("scan", "scanned_by"),
        DropOwnIndexOnline("scan", "ticket"),
        DropOwnIndexOnline("ticket", "event"),
        DropOwnIndexOnline("ticket", "holder"),
        DropOwnIndexOnline("ticket", "order_item"),
        DropOwnIndexOnline("ticketrelease", "ticket_type"),
        DropOwnIndexOnline("tickettransfer", "accepted_by"),
        DropOwnIndexOnline("tickettransfer", "offered_by"),
        DropOwnIndexOnline("tickettransfer", "ticket"),
        DropOwnIndexOnline("tickettype", "event"),
        DropOwnIndexOnline("unlockcode", "event"),
        DropOwnIndexOnline("waitlistentry", "user"),
    ]
