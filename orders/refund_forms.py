"""What the console asks before it refunds some lines or an amount, and the figures it shows before it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from orders.models import Order
from orders.refund_plan import AskedLine, Plan, money_left, plan, rests
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.money import parse, show


def lines_form(order: Order) -> type[Answers]:
    """How many go back of each line that has some left, and why; cleaned into `asked` and `reason`."""
    left = [rest for rest in rests(order) if rest.quantity]

    def clean(form: forms.Form) -> dict[str, Any]:
        given = form.cleaned_data
        asked = [AskedLine(rest.item.pk, n) for rest in left if (n := given.get(str(rest.item.pk)))]
        if not asked and not form.errors:
            raise ValidationError(gettext("Choose at least one.") if left else gettext("Nothing is left to take back."))
        return {"asked": asked, "reason": given.get("reason", "")}

    fields = {
        str(rest.item.pk): forms.IntegerField(
            label=rest.item.description,
            min_value=0,
            max_value=rest.quantity,
            initial=0,
            required=False,
            widget=UnfoldAdminIntegerFieldWidget,
            help_text=gettext("Of {quantity}, worth {amount}.").format(
                quantity=rest.quantity, amount=show(rest.value, order.currency)
            ),
        )
        for rest in left
    }
    return type("LinesForm", (ReasonForm,), {**fields, "clean": clean})


def amount_form(order: Order) -> type[Answers]:
    """How much goes back, and why."""
    left = money_left(order)

    class AmountForm(ReasonForm):
        amount = forms.CharField(
            max_length=20,
            widget=UnfoldAdminTextInputWidget,
            help_text=gettext("In {currency}, at most {left}.").format(
                currency=order.currency, left=show(left, order.currency)
            ),
        )
        field_order = ["amount", "reason"]

        def clean_amount(self) -> int:
            try:
                return parse(self.cleaned_data["amount"], order.currency)
            except ValueError:
                raise ValidationError(
                    gettext("This is not an exact amount of {currency}, such as 12.50.").format(currency=order.currency)
                ) from None

    return AmountForm


def figures(
    order: Order,
    *,
    now: datetime,
    reason: str,
    asked: Sequence[AskedLine] | None = None,
    amount: int | None = None,
) -> str:
    """What this refund will do, in one paragraph. Raises what the rule itself raises."""
    planned = plan(order, asked=asked, amount=amount, by_buyer=False, now=now)
    back = show(planned.amount, order.currency)
    if not planned.lines:
        return gettext("{back} goes back to the buyer, who keeps everything. This can't be undone.").format(back=back)
    return gettext(
        "{back} goes back to the buyer, the way it came:\n{listed}.\nOnce it has gone these "
        "are void, unused ones first, and on sale again. This can't be undone."
    ).format(back=back, listed=_listed(planned))


def _listed(planned: Plan) -> str:
    currency = planned.order.currency
    listed = [
        f"{line.pieces.quantity} × {line.pieces.item.description} for {show(line.amount, currency)}"
        for line in planned.lines
    ]
    if planned.tip:
        listed.append(f"the tip of {show(planned.tip, currency)}")
    return ";\n".join(listed)
