import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from trufan.lib.concurrent_indexes import DropOwnIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_lists"),
    ]

    operations = [
        DropOwnIndexOnline(
            model_name="consolesession",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="console_sessions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="phonecode",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="phone_codes",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        DropOwnIndexOnline(
            model_name="signin",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sign_ins",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
