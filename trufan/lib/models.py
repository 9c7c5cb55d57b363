"""What every table has: a time-ordered UUID key, two timestamps, and state that only moves as allowed.

The tables of the library itself stand in `idempotency_record.py` and `flag_row.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models
from django.dispatch import Signal
from django.utils import timezone

from trufan.lib.errors import InvalidMove
from trufan.lib.flag_row import FlagSetting as FlagSetting
from trufan.lib.idempotency_record import IdempotencyRecord as IdempotencyRecord
from trufan.lib.ids import uuid7
from trufan.lib.querysets import BaseQuerySet

#: A row came to another status by `Stateful.move`. Arguments: `row`, as it is now. Sent inside the transaction.
row_moved = Signal()


class BaseModel(models.Model):
    """The parent of every table."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    objects = BaseQuerySet.as_manager()

    class Meta:
        abstract = True


class Stateful(models.Model):
    """A row whose `status` moves along `MOVES`, one conditional UPDATE a move.

    `MOVES` maps each status to those it may become. The UPDATE names the status that was read, so of two
    writers who read the same row one moves it and the other gets `InvalidMove`.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]]

    status: str

    class Meta:
        abstract = True

    def can_move(self, to: str) -> bool:
        """Whether the row, as it was read, may become `to`."""
        return to in self.MOVES.get(self.status, frozenset())

    def move(self, to: str, **changes: Any) -> Self:
        """Become `to`, writing `changes` in the same UPDATE; raises `InvalidMove` when not allowed or when late."""
        if not self.can_move(to):
            raise InvalidMove(self, to)
        rows = type(self)._default_manager.filter(pk=self.pk, status=self.status)
        if not rows.update(status=to, **changes):
            raise InvalidMove(self, to)
        self.status = to
        for name, value in changes.items():
            setattr(self, name, value)
        row_moved.send(sender=type(self), row=self)
        return self
