from django.db import migrations, models

from trufan.lib.concurrent_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while money moves

    dependencies = [
        ('payments', '0006_lists'),
    ]

    operations = [
        AddIndexOnline(
            model_name='payment',
            index=models.Index(fields=['venue_id', 'settled_at'], name='payment_settled'),
        ),
        AddIndexOnline(
            model_name='refund',
            index=models.Index(fields=['settled_at'], name='refund_settled'),
        ),
        AddIndexOnline(
            model_name='refund',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['payment'], name='refund_failed'),
        ),
    ]
