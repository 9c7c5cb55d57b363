"""Many buyers at the same moment: a seat is sold once, nobody waits in a ring, and none is lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from orders.cancellation import cancel
from orders.cart import cart_lines
from orders.changing import change_order
from orders.errors import SoldOut
from orders.expiry import expire_overdue
from orders.models import Order
from ticketing import seating as giving_seats
from ticketing.errors import SeatTaken
from ticketing.models import EventSeat
from ticketing.seats import keeping
from ticketing.seats.tests.seated import asking, labels, order, pay, plan_of, seat_by, statuses
from trufan.lib.errors import DomainError
from trufan.testing import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def kinds(answers):
    return Counter(type(answer) for answer in answers)


@pytest.fixture(autouse=True)
def books_stay_right(transactional_db):
    yield
    call_command("check_inventory")


@pytest.fixture
def hall(event, venue, gold, silver, olga):
    """Ten rows of ten for Gold, and as many for Silver."""
    seat_by(event, plan_of(venue, {"A": (10, 10), "B": (10, 10)}), olga, A=gold, B=silver)
    return event


def test_of_those_who_want_the_same_seat_one_has_it(fay, gold, hall):
    answers = at_once(12, lambda n: order(fay, asking(gold, 1, "A-A-5")))
    assert kinds(answers) == {Order: 1, SeatTaken: 11}
    assert statuses(hall) == {"A-A-5": "held"}


def test_overlapping_choices_are_whole_or_nothing(fay, gold, hall):
    answers = at_once(9, lambda n: order(fay, asking(gold, 2, f"A-A-{n + 1}", f"A-A-{n + 2}")))
    placed = [label for answer in answers if isinstance(answer, Order) for label in labels(answer)[0]]
    assert len(placed) == len(set(placed)) >= 2
    assert set(statuses(hall)) == set(placed)


def test_sixty_buyers_of_the_best_seats_get_sixty_different_ones(fay, gold, hall):
    answers = at_once(60, lambda n: order(fay, asking(gold, 1 + n % 3)))
    placed = [answer for answer in answers if isinstance(answer, Order)]
    seats = [label for each in placed for label in labels(each)[0]]
    # Two of them come with one wheelchair: these are kept for who asks.
    assert len(seats) == len(set(seats)) == len(statuses(hall)) <= 98
    assert all(isinstance(answer, Order | SoldOut) for answer in answers)
    left = EventSeat.objects.free().filter(event=hall, ticket_type=gold, accessible=False, companion=False).count()
    assert left < 3


def test_two_types_in_either_order_never_wait_in_a_ring(fay, gold, silver, ticket_type, hall):
    lines = [asking(gold, 1), asking(ticket_type, 1), asking(silver, 2)]
    answers = at_once(16, lambda n: order(fay, *(lines if n % 2 else reversed(lines))))
    assert kinds(answers) == {Order: 16}


def test_buying_changing_ending_blocking_and_moving_at_once(fay, olga, gold, silver, ticket_type, hall):
    lasting = [order(fay, asking(gold, 2), asking(ticket_type, 1)) for _ in range(4)]
    going = [order(fay, asking(silver, 2), asking(gold, 1)) for _ in range(4)]
    overdue = [order(fay, asking(gold, 1), asking(silver, 1)) for _ in range(4)]
    Order.objects.filter(pk__in=[each.pk for each in overdue]).update(expires_at=timezone.now() - timedelta(minutes=1))
    tickets = [pay(order(fay, asking(silver, 1)), fay)[0] for _ in range(4)]
    now = timezone.now()

    def act(n):
        turn = n // 6
        match n % 6:
            case 0:
                return order(fay, asking(silver, 2), asking(gold, 2))
            case 1:
                wanted = [asking(silver, 1), asking(gold, 3)]
                return change_order(lasting[turn], lines=cart_lines(wanted), by=fay, now=now)
            case 2:
                return cancel(going[turn], by=fay, now=now)
            case 3:
                return expire_overdue(now)
            case 4:
                return keeping.keep(hall, [f"A-{'DEFG'[turn]}-*", "B-J-10"], "blocked", olga, now, "A camera.")
            case _:
                return giving_seats.assign(tickets[turn], f"B-{'FGHI'[turn]}-4", olga, now)

    answers = at_once(24, act)

    refusals = [answer for answer in answers if isinstance(answer, DomainError)]
    assert {type(each) for each in refusals} <= {SeatTaken}
    seats = EventSeat.objects.filter(event=hall)
    assert seats.filter(status="blocked").count() in {1, 11, 21, 31, 41, 0}


def test_a_plan_taken_over_anew_while_seats_come_and_go(fay, olga, gold, silver, hall):
    plan = hall.seating.plan
    going = [order(fay, asking(gold, 2)) for _ in range(4)]
    held = [order(fay, asking(silver, 2)) for _ in range(4)]
    plan.seats.update(x=F("x") + 0.5)
    now = timezone.now()

    def act(n):
        turn = n // 4
        match n % 4:
            case 0:
                return seat_by(hall, plan, olga, A=gold, B=silver)
            case 1:
                return cancel(going[turn], by=fay, now=now)
            case 2:
                return order(fay, asking(silver, 1), asking(gold, 2))
            case _:
                return pay(held[turn], fay)

    answers = at_once(16, act)

    assert not [answer for answer in answers if isinstance(answer, DomainError)]
    assert EventSeat.objects.filter(event=hall, status="sold").count() == 8
    assert EventSeat.objects.filter(event=hall).count() == 200
