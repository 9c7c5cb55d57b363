"""Django finds an app's console here; each page stands in the room of its tables."""

from parking.booking import admin as booking
from parking.lots import admin as lots
from parking.pricing import admin as pricing
from parking.stays import admin as stays
from parking.valet import admin as valet
from parking.vehicles import admin as vehicles

__all__ = ["booking", "lots", "pricing", "stays", "valet", "vehicles"]
