from django.db import migrations, models

from trufan.lib.concurrent_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while orders are placed

    dependencies = [
        ('orders', '0017_lists'),
    ]

    operations = [
        AddIndexOnline(
            model_name='order',
            index=models.Index(condition=models.Q(('user', None), models.Q(('contact_email', ''), ('contact_name', ''), ('contact_phone', ''), _negated=True)), fields=['created_at'], name='order_guest_to_forget'),
        ),
        AddIndexOnline(
            model_name='order',
            index=models.Index(condition=models.Q(('status__in', ['expired', 'cancelled']), models.Q(('contact_email', ''), ('contact_name', ''), ('contact_phone', ''), _negated=True)), fields=['created_at'], name='order_unpaid_to_forget'),
        ),
    ]
