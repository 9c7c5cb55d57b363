from django.conf import settings
from django.db import migrations, models

from trufan.lib.concurrent_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("notifications", "0005_indexes_that_others_begin_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("status", "failed")),
                fields=["venue_id", "-created_at"],
                name="notification_failed",
            ),
        ),
    ]
