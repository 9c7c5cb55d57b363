import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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
        DropOwnIndexOnline(
            model_name="answer",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="ticketing.question",
            ),
        ),
        DropOwnIndexOnline(
            model_name="answer",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="ticketing.ticket",
            ),
        ),
        DropOwnIndexOnline(
            model_name="bundle",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="bundles", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="bundleline",
            name="bundle",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="ticketing.bundle"
            ),
        ),
        DropOwnIndexOnline(
            model_name="checkinlist",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checkin_lists",
                to="events.event",
            ),
        ),
        DropOwnIndexOnline(
            model_name="doorsale",
            name="sold_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="entryslot",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="slots", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="eventseat",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="limitedbuyer",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="question",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="scan",
            name="event",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scans",
                to="events.event",
            ),
        ),
        DropOwnIndexOnline(
            model_name="scan",
            name="scanned_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="scan",
            name="ticket",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scans",
                to="ticketing.ticket",
            ),
        ),
        DropOwnIndexOnline(
            model_name="ticket",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="events.event"
            ),
        ),
        DropOwnIndexOnline(
            model_name="ticket",
            name="holder",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="ticket",
            name="order_item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="orders.orderitem",
            ),
        ),
        DropOwnIndexOnline(
            model_name="ticketrelease",
            name="ticket_type",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="releases",
                to="ticketing.tickettype",
            ),
        ),
        DropOwnIndexOnline(
            model_name="tickettransfer",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="tickettransfer",
            name="offered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty: a guest, by the access code of the order.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="tickettransfer",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="ticketing.ticket",
            ),
        ),
        DropOwnIndexOnline(
            model_name="tickettype",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ticket_types",
                to="events.event",
            ),
        ),
        DropOwnIndexOnline(
            model_name="unlockcode",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="unlock_codes",
                to="events.event",
            ),
        ),
        DropOwnIndexOnline(
            model_name="waitlistentry",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="waitlist_entries",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
