"""Linking the entries into one chain, after their transactions, so that no sale waits for another's history.

Entries wait in a queue that the database itself fills in the same INSERT. One sealer at a time takes them, a batch a
transaction, and appends one link each. Entries that commit late, with an older time, are simply sealed later.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from audit import fingerprints
from audit.models import AuditLog, AuditSeal, UnsealedEntry

BATCH = 500
#: Names the lock that only one sealer holds (any number will do that nothing else uses).
_ADVISORY_LOCK = 0x41554449
log = structlog.get_logger(__name__)


def seal(now: datetime) -> int:
    """Seal every entry that waits; how many. While another is sealing there is nothing to do: 0."""
    sealed, after = 0, None
    while (batch := _seal_batch(now, after)) is not None:
        count, after = batch
        sealed += count
    if sealed:
        head = AuditSeal.objects.latest("sequence")
        # Outside the database: a witness against cutting off the chain's end (`verify_audit --head`).
        log.info("audit.sealed", entries=sealed, head=f"{head.sequence}:{head.hash}")
    return sealed


def queue_the_unqueued() -> int:
    """Queue entries that have neither seal nor place, as after a time without the trigger; how many. Reads all."""
    neither = AuditLog.objects.filter(
        ~Exists(AuditSeal.objects.filter(entry_id=OuterRef("pk"))),
        ~Exists(UnsealedEntry.objects.filter(entry_id=OuterRef("pk"))),
    )
    places = [UnsealedEntry(entry_id=key) for key in neither.values_list("pk", flat=True)]
    UnsealedEntry.objects.bulk_create(places, ignore_conflicts=True)
    if places:
        log.warning("audit.queued_late", entries=len(places))
    return len(places)


@transaction.atomic
def _seal_batch(now: datetime, after: UUID | None) -> tuple[int, UUID] | None:
    """Seal the places of the queue behind `after`: how many and up to where; None at its end."""
    if not _alone():
        return None
    keys = list(places(after))
    if not keys:
        return None
    entries = sorted(unsealed(keys))
    last = AuditSeal.objects.order_by("-sequence").first()
    sequence, previous = (last.sequence, last.hash) if last else (0, fingerprints.BEGINNING)
    seals = []
    for place, (_, entry_id, digest) in enumerate(entries, start=sequence + 1):
        link = fingerprints.of_seal(place, previous, entry_id, digest, now)
        seals.append(AuditSeal(sequence=place, entry_id=entry_id, previous=previous, hash=link, sealed_at=now))
        previous = link
    AuditSeal.objects.bulk_create(seals)
    UnsealedEntry.objects.filter(entry_id__in=[entry_id for _, entry_id, _ in entries]).delete()
    return len(seals), keys[-1]


def places(after: UUID | None) -> QuerySet:
    """The next keys in the queue. They grow with time, so this is near enough to the order of the entries."""
    queue = UnsealedEntry.objects.order_by("entry_id").values_list("entry_id", flat=True)
    return (queue.filter(entry_id__gt=after) if after else queue)[:BATCH]


def unsealed(keys: list[UUID]) -> QuerySet:
    """Time, id and fingerprint of these entries. By key, so that no misjudged join ever reads the whole history.

    A place whose entry is gone or sealed already is passed over and stays: `verify_audit` tells of it.
    """
    entries = AuditLog.objects.filter(pk__in=keys, seal=None).order_by()
    return entries.values_list("created_at", "pk", "digest")


def _alone() -> bool:
    """Whether we are the one sealer, until the end of this transaction. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        return cursor.fetchone()[0]
