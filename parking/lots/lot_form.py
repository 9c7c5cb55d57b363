"""The forms of lots and of their kinds of space, on their pages in the console."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from parking.lots import setting_up
from parking.lots.models import LotHours, LotPhoto, ParkingCapacity, ParkingLot, SpaceKind
from parking.spaces import blocks
from parking.spaces.models import SpaceUse
from trufan.lib.console import columns
from trufan.lib.console.forms import AmountsForm, Answers, PlainJSON, ReasonForm, RuleForm
from trufan.lib.words import lazy as _
from venues.models import Venue

WEEKDAYS = list(
    enumerate((_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")))
)
#: What stands in an empty field, to begin with.
_A_TARIFF = """{"version": 1,
 "base": {"type": "interval",
          "first": {"minutes": 60, "price": 500},
          "every": {"minutes": 30, "price": 200}},
 "grace_minutes": 10,
 "daily_maximum": 4000, "day": "calendar"}"""
_A_PRICING = """{"version": 1,
 "floor_percent": 70, "cap_percent": 200, "step_percent": 10,
 "max_change_per_hour_percent": 30, "review_minutes": 15,
 "occupancy": [{"from_percent": 80, "move": "up"},
               {"from_percent": 60, "move": "hold"},
               {"from_percent": 0, "move": "down"}]}"""


class JSONWidget(UnfoldAdminTextareaWidget):
    """A field for JSON: even letters, and room for it. `example` is shown while it is empty."""

    def __init__(self, example: str = "") -> None:
        super().__init__({"rows": 18, "spellcheck": "false", "placeholder": example})
        self.attrs["class"] = f"{self.attrs['class']} console-json"


class LotForm(AmountsForm):
    """A lot; amounts are in the currency of its venue, tariff and pricing JSON that its rules check."""

    amounts = ("cancel_fee", "lost_ticket_price")
    ruled = frozenset({"tariff", "pricing", "name", "slug", "status"})

    tariff = PlainJSON(
        required=False,
        widget=JSONWidget(_A_TARIFF),
        help_text=_("May stay empty: the button “Simple tariff” writes it. As JSON, with amounts in minor units."),
    )
    pricing = PlainJSON(
        required=False,
        widget=JSONWidget(_A_PRICING),
        label=_("Dynamic prices"),
        help_text=_("Empty: prices do not move."),
    )
    description = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    amenities = forms.MultipleChoiceField(
        required=False, choices=lambda: ParkingLot.Amenity.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ParkingLot
        fields = ["venue", *setting_up.FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "hours" in self.fields:
            self.fields["hours"].help_text = gettext(
                "An open lot: add the hours below and save, then let it go by them."
            )
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = gettext("Its address; empty: made of the name.")
        for name, words in (
            ("cancel_fee", gettext("What is kept of a reservation that is cancelled later.")),
            ("lost_ticket_price", gettext("What a stay costs at least whose ticket is lost; empty: staff decide.")),
        ):
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = f"{words} {self.fields[name].help_text}"

    def _venue(self) -> Venue | None:
        chosen: Venue | None = getattr(self, "cleaned_data", {}).get("venue")
        return chosen or (self.instance.venue if self.instance.venue_id else None)

    def currency(self) -> str | None:
        venue = self._venue()
        return venue.currency if venue else None

    def clean(self) -> dict[str, Any]:
        empty = {name for name in self.amounts if self.cleaned_data.get(name) == ""}
        for name in empty:
            self.cleaned_data[name] = None
        cleaned = super().clean()
        # No fee is a fee of nothing; no price for a lost ticket is left to staff.
        cleaned.update({name: 0 if name == "cancel_fee" else None for name in empty})
        return cleaned


class CapacityForm(RuleForm):
    """A kind of space that has a tariff of its own, or the lot's."""

    ruled = frozenset({"tariff"})
    tariff = PlainJSON(required=False, widget=JSONWidget(_A_TARIFF), help_text=_("Empty: the lot's."))

    class Meta:
        model = ParkingCapacity
        fields = ["spaces", "tariff"]


class NewKindForm(RuleForm):
    """How many spaces of a kind; which kind it is, is said once."""

    parent: Any = None
    ruled = frozenset({"kind"})

    class Meta:
        model = ParkingCapacity
        fields = ["kind", "spaces"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["kind"].disabled = True


class HoursForm(RuleForm):
    """One span of the week, its day by name."""

    parent: Any = None
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, coerce=int, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = LotHours
        fields = ["weekday", "opens_at", "closes_at"]


class PhotoForm(RuleForm):
    """A picture with its words. One that is there already stays as it is, or is taken away."""

    parent: Any = None

    class Meta:
        model = LotPhoto
        fields = ["picture", "caption", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False
        for field in self.fields.values():
            field.disabled = not self.instance._state.adding


class NumbersForm(Answers):
    """A row of numbers, such as A-001 to A-120, all of one kind and on one level."""

    begins_with = forms.CharField(
        max_length=12, required=False, widget=UnfoldAdminTextInputWidget, help_text=_("Such as A-.")
    )
    first = forms.IntegerField(min_value=0, initial=1, widget=UnfoldAdminIntegerFieldWidget)
    last = forms.IntegerField(min_value=0, widget=UnfoldAdminIntegerFieldWidget)
    width = forms.IntegerField(
        min_value=1, max_value=6, initial=1, label=_("Digits"), widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("3: 001 and so on."),
    )  # fmt: skip
    kind = forms.ChoiceField(choices=lambda: SpaceKind.choices, widget=UnfoldAdminSelectWidget)
    level = forms.CharField(max_length=40, required=False, widget=UnfoldAdminTextInputWidget)


class LocalTimeField(forms.DateTimeField):
    """A time by the clock of a venue, picked in the browser's own calendar."""

    def __init__(self, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(widget=LocalTimeWidget(), **kwargs)
        self.zone = zone

    def to_python(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().to_python(value)


class LocalTimeWidget(UnfoldAdminTextInputWidget):
    input_type = "datetime-local"


def block_form(lot: ParkingLot) -> type[Answers]:
    """Which spaces nobody gets, for how long, and why."""
    kinds = [(str(each.pk), each.get_kind_display()) for each in lot.capacities.all()]
    fields: dict[str, Any] = {
        "kind": forms.ChoiceField(choices=kinds, label=gettext("Kind of space"), widget=UnfoldAdminSelectWidget),
        "quantity": forms.IntegerField(
            min_value=1, label=gettext("How many"), initial=1, widget=UnfoldAdminIntegerFieldWidget
        ),
        "starts_at": LocalTimeField(
            lot.zone, required=False, label=gettext("From"), help_text=gettext("Empty: from now on.")
        ),
        "ends_at": LocalTimeField(
            lot.zone,
            label=gettext("Until"),
            help_text=format_html(gettext("By the clock of {venue}."), venue=lot.venue),
        ),
        "field_order": ["kind", "quantity", "starts_at", "ends_at", "reason"],
    }
    return type("BlockAnswers", (ReasonForm,), fields)


def lift_form(lot: ParkingLot) -> type[Answers]:
    """Which block is to end."""
    standing = [(str(use.pk), block_words(use, lot)) for use in blocks.live(lot, timezone.now())]
    field = forms.ChoiceField(choices=standing, label=gettext("Which"), widget=UnfoldAdminSelectWidget)
    return type("LiftAnswers", (Answers,), {"block": field})


def block_words(use: SpaceUse, lot: ParkingLot) -> str:
    """`6 × Standard until Fri 20 Nov 2026, 19:30 EST: TV trucks`."""
    until = columns.local_time(use.ends_at, lot.zone)
    return gettext("{quantity} × {kind} until {until}: {reason}").format(
        quantity=use.quantity, kind=use.capacity.get_kind_display(), until=until, reason=use.reason
    )
