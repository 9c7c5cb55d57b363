"""What offline scanners are given is put together here: this room's own columns come first in a row."""

from __future__ import annotations

from django.apps import apps
from django.db.models.signals import post_migrate

from ticketing.manifest import own_parts, versions


def connect() -> None:
    """Once, when the app is ready."""
    post_migrate.connect(
        versions.restore, sender=apps.get_app_config("ticketing"), dispatch_uid="ticketing.restore_triggers"
    )
    own_parts.register()
