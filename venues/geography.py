"""Which venues lie within so many metres of a point, and how far away each is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import ASin, Cast, Cos, Least, Power, Radians, Sin, Sqrt

#: The Earth's mean radius in metres (IUGG); on a sphere of it distances are right to about half a per cent.
EARTH_RADIUS = 6_371_008.8
#: Half the way around the Earth: nothing is farther.
FARTHEST = 20_015_115


@dataclass(frozen=True)
class Circle:
    """A point in WGS 84 degrees and a radius in metres."""

    latitude: float
    longitude: float
    radius: float


def nearest(venues: Any, circle: Circle) -> Any:
    """The venues inside the circle with `distance_metres`, nearest first.

    A box around the circle is looked up on the index of coordinates; the great-circle distance is computed, by the
    database, only for what lies in the box.
    """
    inside = venues.filter(_box(circle)).annotate(distance_metres=_distance(circle))
    return inside.filter(distance_metres__lte=circle.radius).order_by("distance_metres", "id")


def _box(circle: Circle) -> Q:
    """The smallest range of latitudes and longitudes that holds the circle."""
    angle = math.degrees(circle.radius / EARTH_RADIUS) + 1e-9
    south, north = circle.latitude - angle, circle.latitude + angle
    box = Q(latitude__gte=south, latitude__lte=north)
    if south <= -90 or north >= 90:
        return box & Q(longitude__isnull=False)  # a pole lies inside, and with it every meridian
    spread = math.degrees(math.asin(math.sin(math.radians(angle)) / math.cos(math.radians(circle.latitude))))
    west, east = circle.longitude - spread, circle.longitude + spread
    if west < -180:
        return box & (Q(longitude__gte=west + 360) | Q(longitude__lte=east))
    if east > 180:
        return box & (Q(longitude__gte=west) | Q(longitude__lte=east - 360))
    return box & Q(longitude__gte=west, longitude__lte=east)


def _distance(circle: Circle) -> Any:
    """The haversine formula, in metres. Rounding may lift its root above one, where no arc sine is."""
    latitude, longitude = _number(math.radians(circle.latitude)), _number(math.radians(circle.longitude))
    chord = Power(Sin((Radians(F("latitude")) - latitude) / 2.0), 2) + _number(
        math.cos(math.radians(circle.latitude))
    ) * Cos(Radians(F("latitude"))) * Power(Sin((Radians(F("longitude")) - longitude) / 2.0), 2)
    return ASin(Least(Sqrt(chord), _number(1.0)), output_field=FloatField()) * _number(2 * EARTH_RADIUS)


def _number(value: float) -> Any:
    return Cast(Value(value), FloatField())
