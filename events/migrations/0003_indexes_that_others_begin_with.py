import django.db.models.deletion
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0002_series"),
        ("venues", "0006_indexes_that_others_begin_with"),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="event",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="eventseries",
            name="venue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="event_series",
                to="venues.venue",
            ),
        ),
    ]
