"""A usual tariff asked for in plain words: first minutes, every so many minutes, most per day, grace. No JSON."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from parking.lots import setting_up
from parking.lots.models import ParkingLot
from parking.rates import tariff as tariffs
from parking.rates.days import at_wall
from parking.rates.preview import preview
from trufan.lib.console.forms import Answers
from trufan.lib.money import parse, show, to_decimal

#: The most minutes of an interval and of a grace period; see `tariff.schema.json`.
MOST_MINUTES, MOST_GRACE = 43_200, 1_440
#: When the stays begin whose prices are shown.
_MORNING = time(8)
#: What this form can say; anything else in a tariff would be lost by it.
_SAID = {"version", "base", "grace_minutes", "daily_maximum", "day"}


def is_simple(tariff: dict[str, Any]) -> bool:
    """Whether the form says all that the tariff says; an empty one says nothing."""
    if not tariff:
        return True
    # A day without a highest price begins the intervals anew, which the form has no question for.
    whole_days = ("day" in tariff) == ("daily_maximum" in tariff)
    return whole_days and set(tariff) <= _SAID and tariff["base"]["type"] == "interval"


def form_for(lot: ParkingLot) -> type[Answers]:
    """The questions, answered as the lot's tariff stands where that is a simple one."""
    currency = lot.venue.currency
    known = lot.tariff if lot.tariff and is_simple(lot.tariff) else {}

    def amount(label: str, initial: int | None, *, required: bool, help_text: str = "") -> forms.CharField:
        shown = "" if initial is None else str(to_decimal(initial, currency))
        asked = help_text or gettext("In {currency}, such as {example}.").format(
            currency=currency, example=to_decimal(500, currency)
        )
        return forms.CharField(label=label, initial=shown, required=required, max_length=20, help_text=asked,
                               widget=UnfoldAdminTextInputWidget)  # fmt: skip

    def minutes(label: str, initial: int | None, most: int, *, required: bool = True, least: int = 1) -> Any:
        return forms.IntegerField(label=label, initial=initial, min_value=least, max_value=most, required=required,
                                  widget=UnfoldAdminIntegerFieldWidget)  # fmt: skip

    base: dict[str, Any] = known.get("base", {})
    first, every = base.get("first", {}), base.get("every", {})

    class SimpleTariffForm(Answers):
        first_minutes = minutes(gettext("First minutes"), first.get("minutes"), MOST_MINUTES, required=False)
        first_price = amount(gettext("Price of the first minutes"), first.get("price"), required=False)
        every_minutes = minutes(gettext("Then every so many minutes"), every.get("minutes", 60), MOST_MINUTES)
        every_price = amount(gettext("Price of each of these"), every.get("price"), required=True)
        most_per_day = amount(
            gettext("Most per day"),
            known.get("daily_maximum"),
            required=False,
            help_text=(
                gettext("In {currency}, in any 24 hours; empty: no limit.")
                if _day(lot) == "rolling"
                else gettext("In {currency}, from midnight to midnight; empty: no limit.")
            ).format(currency=currency),
        )
        grace_minutes = minutes(
            gettext("Grace minutes"), known.get("grace_minutes", 0), MOST_GRACE, required=False, least=0
        )

        def clean(self) -> dict[str, Any]:
            given = self.cleaned_data
            for name in ("first_price", "every_price", "most_per_day"):
                if name in given:
                    given[name] = self._amount(name)
            if not self.errors and (given["first_minutes"] is None) != (given["first_price"] is None):
                raise ValidationError(gettext("Say both the first minutes and their price, or neither."))
            return given if self.errors else {"tariff": written(lot, given)}

        def _amount(self, name: str) -> int | None:
            text = self.cleaned_data[name].strip()
            if not text:
                return None
            try:
                return parse(text, currency)
            except ValueError:
                self.add_error(
                    name, gettext("This is not an exact amount of {currency}, such as 12.50.").format(currency=currency)
                )
                return None

    return SimpleTariffForm


def written(lot: ParkingLot, given: dict[str, Any]) -> dict[str, Any]:
    """The answers as a tariff, amounts in minor units."""
    base: dict[str, Any] = {"type": "interval"}
    if given["first_minutes"] is not None:
        base["first"] = {"minutes": given["first_minutes"], "price": given["first_price"]}
    base["every"] = {"minutes": given["every_minutes"], "price": given["every_price"]}
    found: dict[str, Any] = {"version": 1, "base": base}
    if given["grace_minutes"]:
        found["grace_minutes"] = given["grace_minutes"]
    if given["most_per_day"] is not None:
        found |= {"daily_maximum": given["most_per_day"], "day": _day(lot)}
    return found


def _day(lot: ParkingLot) -> str:
    known: str = lot.tariff.get("day", "calendar") if lot.tariff and is_simple(lot.tariff) else "calendar"
    return known


def set_tariff(lot: ParkingLot, *, by: Any, now: datetime, tariff: dict[str, Any]) -> ParkingLot:
    """Write it by the lot's own rule."""
    return setting_up.change(lot, by, tariff=tariff)


def figures(lot: ParkingLot, *, now: datetime, tariff: dict[str, Any]) -> str:
    """What stays of usual lengths will cost. Raises what the lot's rule raises."""
    # From a fixed hour: what is shown when asked is what is compared when pressed.
    morning = at_wall(now.astimezone(lot.zone).date(), _MORNING, lot.zone)
    rows = preview(tariffs.parse(tariff, "tariff"), lot.zone, lot.venue.currency, morning)
    told = [gettext("Cars that enter from now on pay, before fees and tax, from eight in the morning:")]
    told += [f"{row.label}: {row.shown}" for row in rows]
    if grace := tariff.get("grace_minutes"):
        told.append(gettext("Who leaves within {grace} minutes pays nothing.").format(grace=grace))
    if (most := tariff.get("daily_maximum")) is not None:
        told.append(gettext("No day costs more than {most}.").format(most=show(most, lot.venue.currency)))
    else:
        told.append(gettext("A day has no highest price."))
    return "\n".join([*told, gettext("What is reserved or inside already keeps its price.")])


def explained(lot: ParkingLot) -> str:
    """What the page says before it asks."""
    told = gettext("Say what a stay costs. You will see what stays of usual lengths come to before anything changes.")
    if is_simple(lot.tariff):
        return told
    more = gettext(
        "This lot's present tariff has more in it than this page asks, such as tiers, nights or events: "
        "it would be replaced as a whole."
    )
    return f"{told} {more}"
