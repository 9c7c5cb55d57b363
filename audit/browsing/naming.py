"""Naming what an entry is about: the tables of the trail in words, and rows by the number on their paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

#: Fields by which people know a row, where a table has one.
_NUMBERS = ("number", "code", "slug")


def model_of(entity_type: str) -> type[Model] | None:
    """The table that the trail calls `orders.order`."""
    app_label, _, model_name = entity_type.partition(".")
    return apps.all_models.get(app_label, {}).get(model_name)


def in_words(entity_type: str) -> str:
    """`ticket type` for `ticketing.tickettype`; the bare name of a table that is no more."""
    model = model_of(entity_type)
    return str(model._meta.verbose_name) if model else entity_type.rpartition(".")[2]


def types() -> list[tuple[str, str]]:
    """Every table that entries may be about, with its name in words."""
    skipped = {"audit", "admin", "axes", "auth", "contenttypes", "sessions"}
    found = [
        (model._meta.label_lower, in_words(model._meta.label_lower))
        for model in apps.get_models()
        if model._meta.app_label not in skipped
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def rows_named(entity_type: str, typed: str) -> list[UUID]:
    """The ids that were meant: the id itself, or the number, code or slug of a row. Whose rows they are the caller's
    question settles: entries of other venues answer nothing."""
    typed = typed.strip()
    if (key := _key(typed)) is not None:
        return [key]
    model: Any = model_of(entity_type)
    if model is None:
        return []
    found: list[UUID] = []
    for name in _NUMBERS:
        if _has(model, name):
            found += model._default_manager.filter(**{name: typed}).values_list("pk", flat=True)[:10]
    return [key for key in found if isinstance(key, UUID)]


def _key(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _has(model: Any, name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).get_internal_type() in {"CharField", "SlugField"})
    except FieldDoesNotExist:
        return False
