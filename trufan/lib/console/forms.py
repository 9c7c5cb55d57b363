"""Forms of the console: times by the venue's clock, answers asked before a button acts, refusals as form errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone, pretty_name
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from trufan.lib.errors import Detail, DomainError
from trufan.lib.money import parse, to_decimal
from trufan.lib.words import lazy as _


class Answers(forms.Form):
    """What a button asks before it acts; nothing but the confirmation itself unless subclassed.

    A field without a label is called by its name, in the reader's language: `make messages` finds these names.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_fields(self)


def name_fields(form: forms.BaseForm) -> None:
    """Call every field that has no label by its name, in the reader's language."""
    for name, field in form.fields.items():
        if field.label is None:
            field.label = gettext(pretty_name(name))


class ReasonForm(Answers):
    """A reason that goes into the books."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail. Don't name people here."),
    )


class PlainJSON(forms.JSONField):
    """JSON as people read it: indented, and what can't be read refused with its line. Nothing is the empty object."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False) if value else ""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            try:
                json.loads(value)
            except json.JSONDecodeError as mistake:
                where = f"line {mistake.lineno}, column {mistake.colno}"
                raise ValidationError(
                    gettext("This is not JSON: {msg} at {where}.").format(msg=mistake.msg, where=where), code="invalid"
                ) from mistake
        return {} if value in self.empty_values else super().to_python(value)


class RuleForm(forms.ModelForm):
    """A form saved by a rule, whose words are better than those of the constraint behind it."""

    #: Fields whose constraints are left to the rule.
    ruled: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_fields(self)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | self.ruled


class VenueTimesForm(RuleForm):
    """Reads every time typed into it by the wall clock of the venue, whatever zone the page runs in."""

    def venue_zone(self) -> ZoneInfo | None:
        """The zone of the venue chosen in this form; None while none is."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        zone = self.venue_zone()
        if zone is None or str(zone) == timezone.get_current_timezone_name():
            return cleaned
        for name, field in self.fields.items():
            moment = cleaned.get(name)
            if moment is not None and isinstance(field, forms.DateTimeField | forms.SplitDateTimeField):
                self._read_by(zone, name, timezone.make_naive(moment))
        return cleaned

    def _read_by(self, zone: ZoneInfo, name: str, wall_clock: Any) -> None:
        with timezone.override(zone):
            try:
                self.cleaned_data[name] = from_current_timezone(wall_clock)
            except ValidationError as gap:
                self.add_error(name, gap)


class AmountsForm(RuleForm):
    """Takes money and rates as people write them, 12.50 and 8.875 %, and keeps them as minor units and millionths."""

    #: Fields of minor units, and fields of millionths.
    amounts: ClassVar[tuple[str, ...]] = ()
    #: Those of them that may be less than nothing, and those that may be left empty.
    signed: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    rates: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.amounts:
            if name in self.fields:
                self._ask_for_amount(name)
        for name in self.rates:
            if name in self.fields:
                self._ask_for_rate(name)

    def currency(self) -> str | None:
        """The currency of the venue that the form is about; None while none is chosen."""
        raise NotImplementedError

    def _ask_for_amount(self, name: str) -> None:
        known = None if self.instance._state.adding else self.currency()
        self.fields[name] = forms.CharField(
            label=self.fields[name].label,
            help_text=gettext("In {known}, such as 12.50.").format(known=known)
            if known
            else gettext("In the venue's currency, such as 12.50."),
            max_length=20,
            widget=UnfoldAdminTextInputWidget,
            required=name not in self.optional,
        )
        amount = getattr(self.instance, name)
        if amount is not None:
            self.initial[name] = str(to_decimal(amount, known)) if known else str(amount)

    def _ask_for_rate(self, name: str) -> None:
        self.fields[name] = forms.DecimalField(
            label=self.fields[name].label,
            help_text=gettext("In percent, such as 8.875."),
            min_value=0,
            max_value=100,
            max_digits=7,
            decimal_places=4,
            widget=UnfoldAdminDecimalFieldWidget,
        )
        rate = getattr(self.instance, name)
        if rate is not None:
            self.initial[name] = (Decimal(rate) / 10_000).normalize() if rate else Decimal(0)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        currency = self.currency()
        for name in self.amounts:
            if cleaned.get(name) is None or currency is None:
                cleaned.pop(name, None)
                continue
            if name in self.optional and cleaned[name] == "":
                cleaned[name] = None
                continue
            try:
                cleaned[name] = parse(cleaned[name], currency)
            except ValueError:
                self.add_error(
                    name, gettext("This is not an exact amount of {currency}, such as 12.50.").format(currency=currency)
                )
            else:
                if cleaned[name] < 0 and name not in self.signed:
                    self.add_error(name, gettext("This may not be less than nothing."))
        for name in self.rates:
            if cleaned.get(name) is not None:
                cleaned[name] = int(cleaned[name] * 10_000)
        return cleaned


def in_full(refusal: DomainError, details: Iterable[Detail] | None = None) -> str:
    """What it says, and what it says of each thing that is wrong; of these details alone where they are given."""
    shown = refusal.details if details is None else details
    return " ".join([refusal.message, *(each.message for each in shown if each.message not in refusal.message)])


def refused(form: type[forms.ModelForm], refusal: DomainError) -> type[forms.ModelForm]:
    """The same form, which now fails with `refusal`: at the fields it names, else as a whole.

    What is wrong inside a field, at a path such as `tariff.base.tiers[1].price`, is said at that field, with its path.
    """

    class Refused(form):  # type: ignore[valid-type, misc]
        def clean(self) -> Any:
            cleaned = super().clean()
            elsewhere: list[Detail] = []
            for detail in refusal.details:
                name = re.split(r"[.\[]", detail.field, maxsplit=1)[0]
                if name in self.fields:
                    said = detail.message if name == detail.field else f"{detail.field}: {detail.message}"
                    self.add_error(name, said)
                else:
                    elsewhere.append(detail)
            if elsewhere or not refusal.details:
                self.add_error(None, in_full(refusal, elsewhere))
            return cleaned

    return Refused
