"""What the console asks before a person corrects an entry of the books, and for which days it shows a statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from payments.errors import Unbalanced
from payments.models import JournalEntry
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.money import parse, to_decimal
from trufan.lib.words import lazy as _


def correction_form(entry: JournalEntry) -> type[Answers]:
    """The right amount of each line of the entry, and why; cleaned into `amounts` and `reason`."""
    lines = list(entry.lines.select_related("recipient").order_by("position"))

    def clean(form: forms.Form) -> dict[str, Any]:
        given = form.cleaned_data
        amounts = [_minor(form, str(line.pk), entry.currency) for line in lines]
        if not form.errors and sum(amounts) != 0:
            raise ValidationError(Unbalanced.message, code=Unbalanced.code)
        return {"amounts": amounts, "reason": given.get("reason", "")}

    fields: dict[str, Any] = {
        str(line.pk): forms.CharField(
            label=f"{line.get_account_display()} {line.recipient or ''}".strip(),
            initial=str(to_decimal(line.amount, entry.currency)),
            max_length=20,
            widget=UnfoldAdminTextInputWidget,
            help_text=gettext("In {currency}: debit positive, credit negative.").format(currency=entry.currency),
        )
        for line in lines
    }
    return type("CorrectionForm", (ReasonForm,), {**fields, "clean": clean})


class PeriodForm(forms.Form):
    """The days of a statement, by the venue's clocks."""

    first = forms.DateField(required=False, label=_("From"), widget=UnfoldAdminDateWidget)
    last = forms.DateField(required=False, label=_("To"), widget=UnfoldAdminDateWidget)


def _minor(form: forms.Form, name: str, currency: str) -> int:
    try:
        return parse(form.cleaned_data.get(name, "").strip(), currency)
    except ValueError as mistake:
        if name not in form.errors:
            form.add_error(name, ValidationError(str(mistake), code="invalid"))
        return 0
