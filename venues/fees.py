"""What the platform charges on what a venue sells. Super admins decide; orders keep what they were placed at."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from audit.trail import record
from trufan.lib.money import share
from venues.errors import FeeRuleTaken
from venues.models import FeeRule, Venue

_AUDITED = ("kind", "paid_by", "fixed", "ppm", "is_active")


def on_top(venue: Venue, kind: str, unit_price: int) -> int:
    """What the buyer pays the platform on top of one piece; reads `venue.fee_rules`, prefetched on the hot path."""
    return _of(venue, kind, FeeRule.PaidBy.BUYER, unit_price)


def out_of_price(venue: Venue, kind: str, unit_price: int) -> int:
    """What the venue leaves the platform of the price of one piece."""
    return _of(venue, kind, FeeRule.PaidBy.VENUE, unit_price)


def add(venue: Venue, by: Any, **fields: Any) -> FeeRule:
    """Charge a fee from now on. Raises `FeeRuleTaken` when there is one on the kind, paid by the same."""
    with transaction.atomic():
        rule = FeeRule(venue=venue, **fields)
        _save(rule)
        record("fee_rule.created", rule, new=_values(rule), actor=by, venue_id=venue.pk)
    return rule


def change(rule: FeeRule, by: Any, **fields: Any) -> FeeRule:
    """Change a fee for orders placed from now on. Raises `FeeRuleTaken`."""
    with transaction.atomic():
        rule = FeeRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        before = _values(rule)
        for name, value in fields.items():
            setattr(rule, name, value)
        if _values(rule) != before:
            _save(rule)
            record("fee_rule.changed", rule, old=before, new=_values(rule), actor=by, venue_id=rule.venue_id)
    return rule


def _of(venue: Venue, kind: str, paid_by: str, unit_price: int) -> int:
    """What is free bears no fee."""
    if not unit_price:
        return 0
    rules = [r for r in venue.fee_rules.all() if (r.kind, r.paid_by) == (kind, paid_by) and r.is_active]
    return sum(rule.fixed + share(unit_price, rule.ppm) for rule in rules)


def _save(rule: FeeRule) -> None:
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        raise FeeRuleTaken from None


def _values(rule: FeeRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _AUDITED}
