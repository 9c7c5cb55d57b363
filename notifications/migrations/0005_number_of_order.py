from django.db import migrations, models
from django.db.models.fields.json import KeyTransform


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_lists'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(models.F('venue_id'), KeyTransform('number', 'context'), name='notification_number'),
        ),
    ]
