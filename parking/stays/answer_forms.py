"""What the console asks before it does something to a stay, a charge or a reservation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from parking.stays.models import ParkingCharge, ParkingSession
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.money import parse, to_decimal
from trufan.lib.words import lazy as _


class AmountField(forms.CharField):
    """An amount as people write it, cleaned into minor units; None for nothing."""

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=UnfoldAdminTextInputWidget, **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse(text, self.currency)
        except ValueError as mistake:
            raise ValidationError(
                gettext("This is not an exact amount of {currency}, such as 12.50.").format(currency=self.currency),
                code="invalid",
            ) from mistake
        if amount < 0:
            raise ValidationError(gettext("This may not be less than nothing."), code="negative")
        return amount


def _asking(name: str, row: Any, *, required: bool, help_text: str, initial: str = "") -> type[Answers]:
    field = AmountField(
        row.currency,
        required=required,
        initial=initial,
        help_text=gettext("In {currency}, such as 12.50. {help_text}").format(
            currency=row.currency, help_text=help_text
        ),
    )
    return type("AmountAnswers", (ReasonForm,), {name: field, "field_order": [name, "reason"]})


def price_form(session: ParkingSession) -> type[Answers]:
    """What the stay costs in all; nothing: what the tariff says."""
    set_before = session.price_set
    initial = "" if set_before is None else str(to_decimal(set_before, session.currency))
    words = gettext("For the whole stay, before fee and tax. Empty: what the tariff says after all.")
    return _asking("price", session, required=False, help_text=words, initial=initial)


def lost_form(session: ParkingSession) -> type[Answers]:
    """What a stay without its ticket costs in all, where the lot does not say."""
    has_price = session.lot.lost_ticket_price is not None
    words = gettext("For the whole stay. Empty: at least what the lot asks for a lost ticket.") if has_price else (
        gettext("For the whole stay: this lot has no price for a lost ticket.")
    )  # fmt: skip
    return _asking("price", session, required=not has_price, help_text=words)


def refund_form(charge: ParkingCharge) -> type[Answers]:
    """How much goes back, all of it where nothing is said."""
    return _asking("amount", charge, required=False, help_text=gettext("Empty: all that is left of it."))


class NoteForm(Answers):
    """What staff write down about a stay."""

    reason = forms.CharField(
        max_length=200,
        label=_("Note"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("For staff. Don't name people here."),
    )


def id_of(text: str) -> UUID | None:
    """The id that was chosen; None for none."""
    return UUID(text) if text else None
