"""What is edited on the page of a lot beside its own fields: kinds of space, hours, pictures."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from parking.lots import capacities, hours, photos
from parking.lots.lot_form import HoursForm, NewKindForm, PhotoForm
from parking.lots.models import LotHours, LotPhoto, ParkingCapacity, ParkingLot
from trufan.lib.console.inlines import RuleSavedInline
from trufan.lib.words import lazy as _


class CapacityInline(RuleSavedInline):
    """How many of which kind; a tariff of its own stands on the page of each."""

    model = ParkingCapacity
    form = NewKindForm
    verbose_name_plural = _("spaces by kind: the pages linked below give one a tariff of its own")
    show_change_link = True

    def create(self, parent: ParkingLot, by: Any, fields: dict[str, Any]) -> ParkingCapacity:
        return capacities.put(parent, fields["kind"], by, timezone.now(), spaces=fields["spaces"])

    def alter(self, row: ParkingCapacity, by: Any, fields: dict[str, Any]) -> ParkingCapacity:
        return capacities.change(row, by, timezone.now(), **fields)


class HoursInline(RuleSavedInline):
    """When cars may come in, by the clock of the venue."""

    model = LotHours
    form = HoursForm
    verbose_name = _("span")
    verbose_name_plural = _("hours, where it goes by the clock: an end before the beginning is on the next day")
    can_delete = True

    def create(self, parent: ParkingLot, by: Any, fields: dict[str, Any]) -> LotHours:
        return hours.add(parent, by, **fields)

    def alter(self, row: LotHours, by: Any, fields: dict[str, Any]) -> LotHours:
        return hours.change(row, by, **fields)

    def remove(self, row: LotHours, by: Any) -> None:
        hours.remove(row, by)


class PhotoInline(RuleSavedInline):
    """Added and taken away; another picture is another row."""

    model = LotPhoto
    form = PhotoForm
    verbose_name = _("picture")
    verbose_name_plural = _("pictures")
    can_delete = True

    def create(self, parent: ParkingLot, by: Any, fields: dict[str, Any]) -> LotPhoto:
        return photos.add(parent, by, fields["picture"], caption=fields["caption"], position=fields["position"])

    def remove(self, row: LotPhoto, by: Any) -> None:
        photos.remove(row, by)
