from django.db import migrations, models
from django.db.models.fields.json import KeyTransform

from trufan.lib.concurrent_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # the index is built while messages are sent

    dependencies = [
        ('notifications', '0003_lists'),
    ]

    operations = [
        AddIndexOnline(
            model_name='notification',
            index=models.Index(models.F('venue_id'), KeyTransform('number', 'context'), name='notification_number'),
        ),
    ]
