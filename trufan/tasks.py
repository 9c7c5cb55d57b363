"""Background work that belongs to no single app."""

from celery import shared_task
from django.utils import timezone

from trufan.lib import sweeps


@shared_task(name="trufan.tasks.sweep")
def sweep() -> dict[str, int]:
    """Run every app's sweep once; the beat schedule sends this."""
    return sweeps.run_all(timezone.now())
