"""Writing rows of lots: one transaction with the row and with what the audit trail says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

from audit.trail import record
from trufan.lib.errors import DomainError, Missing
from trufan.lib.models import BaseModel

Row = TypeVar("Row", bound=BaseModel)
#: What of a row another has already; None: a constraint of another kind is broken, which is our mistake.
Taken = Callable[[Any], DomainError | None]


def locked(row: Row) -> Row:
    """The row as it is now, until the transaction ends. Raises `Missing` where it is gone."""
    rows: Any = type(row)._default_manager
    fresh: Row | None = rows.select_for_update(no_key=True).filter(pk=row.pk).first()
    if fresh is None:
        raise Missing
    return fresh


def add(row: Row, by: Any, fields: Mapping[str, Any], action: str, taken: Taken) -> Row:
    """Write a new row with these fields. Raises what `taken` answers."""
    for name, value in fields.items():
        setattr(row, name, value)
    with transaction.atomic():
        _save(row, taken, force_insert=True)
        record(action, row, new=_said(fields), actor=by)
    return row


def set_fields(row: Model, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Give the row those values that differ from its own; what each was and is. Writes nothing."""
    changes = {
        name: (getattr(row, name), value) for name, value in fields.items() if _kept(getattr(row, name)) != _kept(value)
    }
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    return changes


def save(row: BaseModel, by: Any, changes: Mapping[str, tuple[Any, Any]], action: str, taken: Taken) -> None:
    """Write what `set_fields` has set on a row that the caller holds. Raises what `taken` answers."""
    if not changes:
        return
    _save(row, taken, update_fields=[*changes, "updated_at"])
    old = {name: before for name, (before, _) in changes.items()}
    record(action, row, old=_said(old), new=_said({name: now for name, (_, now) in changes.items()}), actor=by)


def _save(row: BaseModel, taken: Taken, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        refusal = taken(row)
        if refusal is None:
            raise
        raise refusal from None


def _kept(value: Any) -> Any:
    """What tells two values of a field apart."""
    return value.pk if isinstance(value, Model) else value


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _kept(value) for name, value in fields.items()}
