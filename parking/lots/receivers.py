"""What lots do on others' facts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from events.errors import CurrencyInUse
from parking.lots.models import ParkingLot


def refuse_currency_change(sender: Any, *, venue: Any, **kwargs: Any) -> None:
    """Tariffs of a venue's lots are in its currency; another would silently make them other prices."""
    if ParkingLot.objects.filter(venue=venue).exists():
        raise CurrencyInUse(
            gettext("The currency cannot change once the venue has parking lots: their prices are in it.")
        )
