"""What a cart says of those who come: kept with the line, checked before anything is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext

from orders.cart import PricedCart
from orders.cart_rules import Buyer, Refused, Standing
from ticketing.attendees.asking import Asked, Askings, Given
from ticketing.attendees.errors import AttendeesIncomplete
from ticketing.attendees.keeping import KEY
from ticketing.models import TicketType
from trufan.lib.errors import Detail


def refuse_unclear(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """Every line whose people are not as the event wants them. Two queries where there are questions.

    What is required at purchase is asked of the public, when the order is placed: a price is told without it, and
    people whose turn on the waiting list it is, and staff, may say it later.
    """
    lines = [(at, line, line.thing) for at, line in enumerate(cart.lines) if isinstance(line.thing, TicketType)]
    if not lines:
        return
    askings = Askings(kind.event_id for _, _, kind in lines if kind.has_questions)
    for position, line, kind in lines:
        asked = askings.of(kind.event, kind.pk)
        must = placing and buyer.standing == Standing.PUBLIC and asked.policy.at_purchase and bool(asked.requires)
        given = [Given.read(each) for each in line.line.asks.get(KEY, [])]
        if given or must:
            problems = list(_problems(asked, given, line.line.quantity, must))
            if problems:
                yield position, AttendeesIncomplete(details=problems)


def _problems(asked: Asked, given: list[Given], quantity: int, must: bool) -> Iterator[Detail]:
    if len(given) != quantity:
        code = "wrong_number" if given else "required"
        yield Detail(
            KEY,
            code,
            gettext("Say who comes with each of the {quantity} tickets of this line.").format(quantity=quantity),
        )
        return
    for at, each in enumerate(given):
        for problem in asked.problems(each, complete=must):
            yield Detail(f"{KEY}[{at}].{problem.field}", problem.code, problem.message)
