"""The buttons of a stay's page in the console: each the rule that the API and the board call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.grants import Permission
from parking.lots.models import ParkingSpace
from parking.stays import answer_forms, correcting, leaving, pricing_override
from parking.stays.models import ParkingSession
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.words import lazy as _

Status = ParkingSession.Status
RUN = Permission.RUN_PARKING


def is_active(stay: ParkingSession) -> bool:
    return stay.status == Status.ACTIVE


def space_form(stay: ParkingSession) -> type[Answers]:
    """The numbered spaces of the lot; none is one of the answers."""
    rows = ParkingSpace.objects.filter(lot=stay.lot_id, is_active=True).order_by("level", "number")
    choices = [
        ("", gettext("no numbered space")),
        *((str(pk), number) for pk, number in rows.values_list("pk", "number")),
    ]
    field = forms.ChoiceField(
        choices=choices, required=False, initial=str(stay.space_id or ""), widget=UnfoldAdminSelectWidget
    )
    return type("SpaceAnswers", (Answers,), {"space": field})


def _end(stay: ParkingSession, *, by: Any, now: datetime, reason: str) -> ParkingSession:
    return leaving.end(stay, by=by, by_staff=True, reason=reason, now=now)


def _note(stay: ParkingSession, *, by: Any, now: datetime, reason: str) -> None:
    correcting.note(stay, reason, by=by)


def _move(stay: ParkingSession, *, by: Any, now: datetime, space: str) -> ParkingSession:
    return correcting.move(stay, answer_forms.id_of(space), by=by, now=now)


def _what_ending_does(stay: ParkingSession) -> str:
    return gettext(
        "{plate} has left: its space is free again. What is still to be paid is not asked "
        "for at any gate any more, and stays on the record."
    ).format(plate=stay.plate or f"The car of stay {stay}")


def _what_a_lost_ticket_costs(stay: ParkingSession) -> str:
    least = stay.lot.lost_ticket_price
    if least is None:
        return gettext("{lot} has no price for a lost ticket: say what the stay costs.").format(lot=stay.lot)
    return gettext("The stay costs at least {least}, or what you say.").format(least=columns.show(least, stay.currency))


BUTTONS = [
    RowButton(
        name="note",
        label=_("Note"),
        permission=RUN,
        run=_note,
        consequence=_("What you write stands in the story of stay {row}, for staff alone."),
        done=_("It is noted."),
        form=answer_forms.NoteForm,
        icon="edit_note",
    ),
    RowButton(
        name="price",
        label=_("Set the price"),
        permission=RUN,
        run=pricing_override.set_price,
        consequence=_("The whole stay {row} costs what you say, before fee and tax, whatever its tariff says."),
        done=_("The price of {row} is set."),
        available=lambda stay: stay.status != Status.VOID,
        form=answer_forms.price_form,
        icon="sell",
    ),
    RowButton(
        name="lost-ticket",
        label=_("Lost ticket"),
        permission=RUN,
        run=pricing_override.lose_ticket,
        consequence=_what_a_lost_ticket_costs,
        done=_("The ticket of {row} counts as lost."),
        available=lambda stay: is_active(stay) and not stay.is_ticket_lost,
        form=answer_forms.lost_form,
        icon="receipt_long",
    ),
    RowButton(
        name="move",
        label=_("Move"),
        permission=RUN,
        run=_move,
        consequence=_("The car stands on another space. Its price stays that of its entry."),
        done=_("{row} is moved."),
        available=is_active,
        form=space_form,
        icon="move_location",
    ),
    RowButton(
        name="reopen",
        label=_("Open again"),
        permission=RUN,
        run=correcting.reopen,
        consequence=_("Stay {row} is not over: the car is still there, and its time runs on as if it never had ended."),
        done=_("{row} goes on."),
        available=lambda stay: stay.status == Status.ENDED,
        form=ReasonForm,
        icon="replay",
    ),
    RowButton(
        name="end",
        label=_("End"),
        permission=RUN,
        run=_end,
        consequence=_what_ending_does,
        done=_("{row} is over."),
        available=is_active,
        form=ReasonForm,
        icon="logout",
        is_destructive=True,
    ),
    RowButton(
        name="void",
        label=_("Never was"),
        permission=RUN,
        run=correcting.void,
        consequence=(
            _(
                "Stay {row} never was: a misread plate, a car that turned round. Nothing is to be "
                "paid, its space is free, and its reservation may come in. This can't be undone."
            )
        ),
        done=_("{row} is void."),
        available=is_active,
        form=ReasonForm,
        icon="delete",
        is_destructive=True,
    ),
]
