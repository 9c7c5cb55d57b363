"""That seats were taken or freed: counted once it is committed, so that readers know an old picture from a new one."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F

from ticketing.models import EventSeating


def announce(events: Collection[UUID]) -> None:
    """The seats of these events change by this transaction.

    The counter moves after the commit: within it every buyer of the event would wait for the one row. Should the
    process die in between, pictures are too old for as long as `pictures.KEPT` says, and no sale is.
    """
    if events:
        transaction.on_commit(partial(_count, frozenset(events)), robust=True)


def _count(events: Collection[UUID]) -> None:
    EventSeating.objects.filter(event__in=events).update(changes=F("changes") + 1)
