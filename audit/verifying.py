"""Reading the whole trail back: is every link there, in order, and every entry as it was written?

Rows are read in pages by key, so memory stays the same however long the history, and no long transaction is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from audit import fingerprints
from audit.models import AuditLog, AuditSeal, UnsealedEntry

PAGE = 500


class Link(NamedTuple):
    """A place in the chain; written `12:9f86d0…`."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def parse(cls, words: str) -> Link:
        """Raises `ValueError` on what is not `sequence:hash`."""
        sequence, _, link_hash = words.partition(":")
        if not link_hash:
            raise ValueError(f"{words!r} is not sequence:hash")
        return cls(int(sequence), link_hash)


class Broken(Exception):
    """The first row that is not as it was written: `row` names it."""

    def __init__(self, row: str, why: str) -> None:
        self.row = row
        super().__init__(f"{row} {why}")


@dataclass(frozen=True)
class Verdict:
    """What an intact trail holds: `unsealed` entries wait for the next sealing."""

    head: Link
    unsealed: int


def verify(witness: Link | None = None) -> Verdict:
    """Check the chain from its beginning, then the entries that wait for their seal. Raises `Broken`.

    `witness` is a link seen earlier (each sealing logs its head); the chain must still go through it. It finds what
    the chain alone cannot: an end that was cut off, entries and all.
    """
    head = Link(0, fingerprints.BEGINNING)
    for seal, entry in _sealed():
        head = _check(seal, entry, head)
        if witness and seal.sequence == witness.sequence and not fingerprints.same(seal.hash, witness.hash):
            raise Broken(
                gettext("seal {sequence}").format(sequence=seal.sequence),
                "is not the one that was seen before: history was rewritten",
            )
    if witness and head.sequence < witness.sequence:
        raise Broken(
            gettext("seal {sequence}").format(sequence=head.sequence + 1),
            f"is missing: the chain went on to {witness.sequence} before",
        )
    unsealed = sum(1 for _ in _unsealed())
    _check_queue()
    return Verdict(head, unsealed)


def _check(seal: AuditSeal, entry: AuditLog | None, head: Link) -> Link:
    """The link, if it joins `head` and its entry is as written."""
    row = f"seal {seal.sequence}"
    if seal.sequence != head.sequence + 1:
        raise Broken(
            gettext("seal {sequence}").format(sequence=head.sequence + 1), f"is missing: {row} follows {head.sequence}"
        )
    if entry is None:
        raise Broken(gettext("entry {entry_id}").format(entry_id=seal.entry_id), f"was deleted: {row} has sealed it")
    _check_entry(entry)
    if not fingerprints.same(seal.previous, head.hash):
        raise Broken(row, f"does not follow seal {head.sequence}")
    expected = fingerprints.of_seal(seal.sequence, seal.previous, seal.entry_id, entry.digest, seal.sealed_at)
    if not fingerprints.same(seal.hash, expected):
        raise Broken(row, "was altered")
    return Link(seal.sequence, seal.hash)


def _check_entry(entry: AuditLog) -> None:
    if not fingerprints.same(entry.digest, fingerprints.of_entry(entry)):
        raise Broken(
            gettext("entry {entry_pk}").format(entry_pk=entry.pk),
            "is not what was written (or AUDIT_KEY is not the key it was written with)",
        )


def _check_queue() -> None:
    """Places in the queue are taken by the database with the entry: one without was deleted before its seal."""
    gone = UnsealedEntry.objects.filter(~Exists(AuditLog.objects.filter(pk=OuterRef("entry_id"))))
    if place := gone.order_by("entry_id").first():
        raise Broken(gettext("entry {entry_id}").format(entry_id=place.entry_id), "was deleted before it was sealed")


def _sealed() -> Iterator[tuple[AuditSeal, AuditLog | None]]:
    """Every seal in order, with its entry if that still exists."""
    for keys in _pages(AuditSeal.objects.values_list("sequence"), "sequence"):
        seals = _read("seal", AuditSeal.objects.all(), [key for (key,) in keys])
        entries = _read("entry", AuditLog.objects.all(), [seal.entry_id for seal in seals.values()])
        for seal in seals.values():
            yield seal, entries.get(seal.entry_id)


def _unsealed() -> Iterator[AuditLog]:
    """Every entry without a seal, checked. One that is not in the queue either had a seal or never had a chance."""
    seal = AuditSeal.objects.filter(entry_id=OuterRef("pk"))
    queued = UnsealedEntry.objects.filter(entry_id=OuterRef("pk"))
    # Both in one statement: between two, a sealer could move an entry from the queue into the chain.
    for keys in _pages(AuditLog.objects.filter(~Exists(seal)).values_list("pk", Exists(queued)), "pk"):
        if lost := next((key for key, waits in keys if not waits), None):
            raise Broken(
                gettext("entry {lost}").format(lost=lost),
                "has neither a seal nor a place in the queue: its seal was deleted",
            )
        for entry in _read("entry", AuditLog.objects.all(), [key for key, _ in keys]).values():
            _check_entry(entry)
            yield entry


def _pages(rows: QuerySet, key: str) -> Iterator[list[tuple]]:
    """Pages of tuples that begin with their key, in its order."""
    page = list(rows.order_by(key)[:PAGE])
    while page:
        yield page
        page = list(rows.filter(**{f"{key}__gt": page[-1][0]}).order_by(key)[:PAGE])


def _read(kind: str, rows: QuerySet, keys: list[UUID] | list[int]) -> dict[Any, Any]:
    """The rows by key, in the order of the keys, halving the page to name one that holds no JSON or time any more."""
    try:
        found = rows.in_bulk(keys)
    except (ValueError, TypeError, AttributeError) as unreadable:
        if len(keys) == 1:
            raise Broken(f"{kind} {keys[0]}", "cannot be read: its content was altered") from unreadable
        middle = len(keys) // 2
        return _read(kind, rows, keys[:middle]) | _read(kind, rows, keys[middle:])
    return {key: found[key] for key in keys if key in found}
