import django.db.models.deletion
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("reports", "0003_free_returns"),
        ("venues", "0006_indexes_that_others_begin_with"),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="reportdelivery",
            name="schedule",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="reports.reportschedule",
            ),
        ),
        DropOwnIndexOnline(
            model_name="reportschedule",
            name="venue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="report_schedules",
                to="venues.venue",
            ),
        ),
    ]
