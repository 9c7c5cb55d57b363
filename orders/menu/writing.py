"""Writing rows of the menu: one transaction with the row, its links, and what the audit trail says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from audit.trail import record
from orders.errors import NameInUse
from orders.menu.models import Daypart, OpeningHours, Option, OptionGroup, Outlet, Product, ProductVariant
from trufan.lib.errors import Missing
from trufan.lib.models import BaseModel

Row = TypeVar("Row", bound=BaseModel)
Refuse = Callable[[Any, Mapping[str, Any]], None]

#: What the audit trail calls a row, and what its name is unique in.
_KINDS: dict[type[Model], tuple[str, str]] = {
    Outlet: ("outlet", "venue_id"),
    OpeningHours: ("opening_hours", ""),
    Daypart: ("daypart", "venue_id"),
    Product: ("product", "outlet_id"),
    ProductVariant: ("variant", "product_id"),
    OptionGroup: ("option_group", "product_id"),
    Option: ("option", "group_id"),
}


def add(row: Row, by: Any, fields: Mapping[str, Any], refuse: Refuse) -> Row:
    """Write a new row with these fields. Raises `NameInUse`, and what `refuse(row, fields)` raises."""
    plain, links = _apart(row, fields)
    for name, value in plain.items():
        setattr(row, name, value)
    refuse(row, fields)
    with transaction.atomic():
        _save(row, force_insert=True)
        for name, things in links.items():
            getattr(row, name).set(things)
        record(f"{_KINDS[type(row)][0]}.created", row, new=_compared(fields), actor=by)
    return row


def change(row: Row, by: Any, fields: Mapping[str, Any], refuse: Refuse) -> Row:
    """Change some fields, those that differ. Raises `NameInUse`, and what `refuse(row, changes)` raises."""
    with transaction.atomic():
        fresh = locked(row)
        before = {name: _value(fresh, name) for name in fields}
        changes = {name: value for name, value in fields.items() if before[name] != _comparable(value)}
        if not changes:
            return fresh
        plain, links = _apart(fresh, changes)
        for name, value in plain.items():
            setattr(fresh, name, value)
        refuse(fresh, changes)
        _save(fresh, update_fields=[*plain, "updated_at"])
        for name, things in links.items():
            getattr(fresh, name).set(things)
        old = {name: before[name] for name in changes}
        record(f"{_KINDS[type(row)][0]}.changed", fresh, old=old, new=_compared(changes), actor=by)
    return fresh


def remove(row: Row, by: Any) -> None:
    """Delete a row that orders do not point to: they keep what they need of it."""
    with transaction.atomic():
        fresh = locked(row)
        record(f"{_KINDS[type(row)][0]}.deleted", fresh, old={"name": str(fresh)}, actor=by)
        fresh.delete()


def locked(row: Row) -> Row:
    """The row as it is now, until the transaction ends. Raises `Missing` where it is gone."""
    rows: Any = type(row)._default_manager
    fresh: Row | None = rows.select_for_update(no_key=True).filter(pk=row.pk).first()
    if fresh is None:
        raise Missing
    return fresh


def _apart(row: Model, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns, and links to many."""
    many = {field.name for field in row._meta.many_to_many}
    return (
        {name: value for name, value in fields.items() if name not in many},
        {name: value for name, value in fields.items() if name in many},
    )


def _save(row: Row, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        scope = _KINDS[type(row)][1]
        same = {scope: getattr(row, scope), "name": getattr(row, "name", "")} if scope else {}
        if same and type(row).objects.filter(**same).exclude(pk=row.pk).exists():
            raise NameInUse from None
        raise


def _value(row: Row, name: str) -> Any:
    value = getattr(row, name)
    return _comparable(value.all() if hasattr(value, "set") else value)


def _comparable(value: Any) -> Any:
    """What tells two values of a field apart: a row by its key, rows by their keys in order."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, list | tuple | QuerySet):
        return sorted((_comparable(each) for each in value), key=str)
    return value


def _compared(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the trail can keep them."""
    return {name: _comparable(value) for name, value in fields.items()}
