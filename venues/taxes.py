"""The taxes a venue charges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from audit.trail import record
from trufan.lib.aggregates import JSONRows
from trufan.lib.compiled import AllByKeys
from venues.errors import TaxNameTaken
from venues.models import TaxRate, Venue

#: Asked by every cart of something else than tickets, and by every stay of a car.
_ACTIVE = AllByKeys(lambda venue: TaxRate.objects.filter(venue_id=venue, is_active=True).order_by(), UUID)
_AUDITED = ("name", "category", "rate_ppm", "is_inclusive", "is_active")


Rates = dict[str, list[TaxRate]]


def rates_for(venue_id: UUID) -> Rates:
    """Category → the active rates on it, in a fixed order; several on one category add up. One query."""
    return _by_category(_ACTIVE.all(venue_id))


def rates_of(venue: Venue) -> Rates:
    """The same of a venue in hand; no query where the statement that read it told them (`beside`, `note`)."""
    known: Rates | None = getattr(venue, "known_rates", None)
    return rates_for(venue.pk) if known is None else known


def beside(key: str) -> Subquery:
    """The active rates of a venue as a column of a statement that names it by `key`."""
    active = TaxRate.objects.filter(venue_id=OuterRef(key), is_active=True).order_by().values("venue_id")
    return Subquery(active.annotate(told=JSONRows("category", "name", "rate_ppm", "is_inclusive")).values("told"))


def note(venue: Any, told: list[tuple[str, str, int, bool]] | None) -> None:
    """What stood in that column is what the venue charges."""
    venue.known_rates = _by_category(
        TaxRate(venue_id=venue.pk, category=category, name=name, rate_ppm=rate, is_inclusive=bool(inclusive))
        for category, name, rate, inclusive in told or ()
    )


def _by_category(found: Iterable[TaxRate]) -> Rates:
    rates: Rates = {}
    for rate in sorted(found, key=lambda rate: (rate.category, rate.name)):
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
