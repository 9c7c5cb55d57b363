"""The taxes a venue charges."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.trail import record
from trufan.lib.compiled import AllByKeys
from venues.errors import TaxNameTaken
from venues.models import TaxRate, Venue

#: Asked by every cart.
_ACTIVE = AllByKeys(
    lambda venue: TaxRate.objects.filter(venue_id=venue, is_active=True).order_by("category", "name"), UUID
)
_AUDITED = ("name", "category", "rate_ppm", "is_inclusive", "is_active")


def rates_for(venue_id: UUID) -> dict[str, list[TaxRate]]:
    """Category → the active rates on it, in a fixed order; several on one category add up. One query."""
    rates: dict[str, list[TaxRate]] = {}
    for rate in _ACTIVE.all(venue_id):
        rates.setdefault(rate.category, []).append(rate)
    return rates


def add(venue: Venue, by: Any, **fields: Any) -> TaxRate:
    """Charge a new tax from now on. Raises `TaxNameTaken` when the category has a tax of that name."""
    with transaction.atomic():
        rate = TaxRate(venue=venue, **fields)
        _save(rate)
        record("tax_rate.created", rate, new=_values(rate), actor=by, venue_id=venue.pk)
    return rate


def change(rate: TaxRate, by: Any, **fields: Any) -> TaxRate:
    """Change a tax for orders placed from now on. Raises `TaxNameTaken`."""
    with transaction.atomic():
        rate = TaxRate.objects.select_for_update(no_key=True).get(pk=rate.pk)
        before = _values(rate)
        for name, value in fields.items():
            setattr(rate, name, value)
        if _values(rate) != before:
            _save(rate)
            record("tax_rate.changed", rate, old=before, new=_values(rate), actor=by, venue_id=rate.venue_id)
    return rate


def _save(rate: TaxRate) -> None:
    try:
        with transaction.atomic():
            rate.save()
    except IntegrityError:
        raise TaxNameTaken from None


def _values(rate: TaxRate) -> dict[str, Any]:
    return {name: getattr(rate, name) for name in _AUDITED}
