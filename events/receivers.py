"""What events do on others' facts."""

from __future__ import annotations

from typing import Any

from events.errors import CurrencyInUse
from events.models import Event


def refuse_currency_change(sender: Any, *, venue: Any, **kwargs: Any) -> None:
    """Prices of a venue's events are in its currency; another would silently make them other prices."""
    if Event.objects.filter(venue=venue).exists():
        raise CurrencyInUse
