import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("venues", "0005_devices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="feerule",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="fee_rules", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="seat",
            name="plan",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="seats",
                to="venues.seatingplan",
            ),
        ),
        DropOwnIndexOnline(
            model_name="seat",
            name="section",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="seats",
                to="venues.seatsection",
            ),
        ),
        DropOwnIndexOnline(
            model_name="seatingplan",
            name="venue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="seating_plans",
                to="venues.venue",
            ),
        ),
        DropOwnIndexOnline(
            model_name="seatsection",
            name="plan",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sections",
                to="venues.seatingplan",
            ),
        ),
        DropOwnIndexOnline(
            model_name="taxrate",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tax_rates", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="venuedevice",
            name="venue",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="venues.venue"
            ),
        ),
        DropOwnIndexOnline(
            model_name="venuestaff",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="venue_staff",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
