"""Seats follow their order: held, sold, and free again when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.cancellation import cancel
from orders.cart import cart_lines
from orders.changing import change_order
from orders.errors import CartRefused, SoldOut
from orders.expiry import expire_overdue
from orders.models import Order, OrderItem
from orders.refunding import refund_order
from ticketing import seating as giving_seats
from ticketing.errors import SeatTaken
from ticketing.models import EventSeat, EventSeating, TicketType
from ticketing.seats import holding
from ticketing.seats.errors import SeatsUnavailable
from ticketing.seats.tests.seated import asking, labels, order, pay, seat_by, seated_type, statuses
from ticketing.tests.sales import order as order_any
from trufan.lib.errors import Invalid
from trufan.testing import EventFactory

pytestmark = pytest.mark.usefixtures("seating")


@pytest.fixture(autouse=True)
def books_stay_right(db):
    """Whatever a test does, counters, seats and tickets agree when it is over."""
    yield
    call_command("check_inventory")


@pytest.fixture
def elsewhere(venue, plan, olga) -> TicketType:
    """The gold seats of another evening in the same hall, with the same labels."""
    evening = EventFactory(venue=venue)
    made = seated_type(evening)
    seat_by(evening, plan, olga, A=made)
    return made


def test_a_plan_gives_its_types_their_quantities(gold, silver):
    assert (gold.quantity, silver.quantity) == (18, 8)


def test_named_seats_are_held_and_the_order_says_so(fay, gold, event):
    placed = order(fay, asking(gold, 2, "A-A-3", "A-A-4"))
    assert statuses(event) == {"A-A-3": "held", "A-A-4": "held"}
    assert labels(placed) == [["A-A-3", "A-A-4"]]


def test_a_seat_that_somebody_holds_is_refused_and_nothing_is_held(fay, gus, gold, event):
    order(fay, asking(gold, 1, "A-A-3"))
    with pytest.raises(SeatTaken) as refusal:
        order(gus, asking(gold, 2, "A-A-3", "A-A-4"))
    (detail,) = refusal.value.details
    assert (detail.field, detail.code, detail.message) == ("items[0].seats", "seat_taken", "Taken: A-A-3.")
    assert statuses(event) == {"A-A-3": "held"}
    gold.refresh_from_db()
    assert gold.held == 1


def test_who_names_no_seats_gets_the_best(fay, gold):
    assert labels(order(fay, asking(gold, 2))) == [["A-A-1", "A-A-2"]]


def test_best_seats_come_from_the_section_that_was_asked_for(fay, gold, event, plan, olga, silver):
    from ticketing.seats import planning

    planning.assign(
        event, plan, [{"section": "A", "ticket_type": gold.pk}, {"section": "B", "ticket_type": gold.pk}], olga
    )
    assert labels(order(fay, asking(gold, 2, section="B"))) == [["B-A-1", "B-A-2"]]


def test_a_wheelchair_and_its_company_are_seated_side_by_side(fay, gold):
    assert labels(order(fay, asking(gold, 2, accessible=True))) == [["A-C-1", "A-C-2"]]


def test_together_is_together_or_not_at_all(fay, gold, event):
    with pytest.raises(SeatsUnavailable):
        order(fay, asking(gold, 7, together=True))
    assert statuses(event) == {}
    assert [len(each) for each in labels(order(fay, asking(gold, 7)))] == [7]


def test_more_seats_than_there_are_is_sold_out(fay, silver, gold):
    order(fay, asking(silver, 6))
    with pytest.raises(SoldOut) as refusal:
        order(fay, asking(silver, 3))
    assert refusal.value.code == "sold_out"


def test_one_cart_may_name_some_seats_and_leave_others_to_us(fay, gold, silver):
    placed = order(fay, asking(gold, 1), asking(gold, 1, "A-A-1"), asking(silver, 1, "B-A-2"))
    assert labels(placed) == [["A-A-2"], ["A-A-1"], ["B-A-2"]]


def test_standing_tickets_go_with_seated_ones(fay, gold, ticket_type):
    placed = order(fay, asking(gold, 1), asking(ticket_type, 3))
    assert labels(placed) == [["A-A-1"], []]


@pytest.mark.parametrize(
    ("seats", "code"),
    [
        (("A-Z-9",), "not_found"),
        (("B-A-1",), "other_ticket_type"),
        (("A-A-1", "A-A-1"), "twice"),
        (("A-A-1", "A-A-2", "A-A-3"), "wrong_number"),
    ],
)
def test_seats_that_cannot_be_meant_are_refused(fay, gold, event, seats, code):
    with pytest.raises(CartRefused) as refusal:
        order(fay, asking(gold, 2 if len(seats) != 1 else 1, *seats))
    assert {detail.code for detail in refusal.value.details} == {code}
    assert {detail.field for detail in refusal.value.details} == {"items[0].seats"}
    assert statuses(event) == {}


def test_where_people_stand_nobody_chooses_a_seat(fay, ticket_type):
    with pytest.raises(CartRefused) as refusal:
        order(fay, asking(ticket_type, 1, "A-A-1"))
    assert refusal.value.details[0].code == "not_offered"


def test_a_cancelled_order_frees_its_seats(fay, gold, event):
    placed = order(fay, asking(gold, 2))
    cancel(placed, by=fay, now=timezone.now())
    assert statuses(event) == {}


def test_a_hold_that_ran_out_frees_its_seats(fay, gold, event):
    order(fay, asking(gold, 2))
    assert expire_overdue(timezone.now() + timedelta(hours=1)) == 1
    assert statuses(event) == {}


def test_a_paid_order_sells_its_seats_and_tickets_know_theirs(fay, gold, event):
    tickets = pay(order(fay, asking(gold, 2, "A-A-4", "A-A-3")), fay)
    assert [ticket.seat for ticket in tickets] == ["A-A-3", "A-A-4"]
    assert statuses(event) == {"A-A-3": "sold", "A-A-4": "sold"}
    assert EventSeat.objects.get(event=event, label="A-A-4").ticket == tickets[1]


def test_money_that_comes_late_takes_the_same_seats_again(fay, gold, event):
    placed = order(fay, asking(gold, 1, "A-B-2"))
    Order.objects.filter(pk=placed.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    expire_overdue(timezone.now())
    placed.refresh_from_db()
    from orders import completion

    completion.settle(placed, None, timezone.now())
    assert statuses(event) == {"A-B-2": "sold"}


def test_a_refund_frees_the_seat(fay, olga, gold, event, django_capture_on_commit_callbacks):
    placed = order(fay, asking(gold, 2))
    pay(placed, fay)
    placed.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(placed, by=olga, reason="", now=timezone.now())
    assert statuses(event) == {}
    assert labels(order_any(fay, gold, 2)) == [["A-A-1", "A-A-2"]]


def test_staff_move_a_ticket_to_a_free_seat_of_its_type(fay, olga, gold, event):
    (ticket,) = pay(order(fay, asking(gold, 1, "A-A-1")), fay)
    giving_seats.assign(ticket, "a-b-5", olga, timezone.now())
    assert statuses(event) == {"A-B-5": "sold"}
    assert EventSeat.objects.get(event=event, label="A-B-5").ticket_id == ticket.pk
    assert labels(ticket.order) == [["A-B-5"]]


def test_staff_move_no_ticket_where_somebody_sits_or_nothing_stands(fay, gus, olga, gold, event):
    (ticket,) = pay(order(fay, asking(gold, 1, "A-A-1")), fay)
    order(gus, asking(gold, 1, "A-A-2"))
    with pytest.raises(SeatTaken):
        giving_seats.assign(ticket, "A-A-2", olga, timezone.now())
    for label in ("A-Z-1", "B-A-1", ""):
        with pytest.raises(Invalid):
            giving_seats.assign(ticket, label, olga, timezone.now())
    assert statuses(event) == {"A-A-1": "sold", "A-A-2": "held"}


def test_a_standing_ticket_gets_no_seat_of_the_plan(fay, olga, ticket_type):
    (ticket,) = pay(order(fay, asking(ticket_type, 1)), fay)
    with pytest.raises(Invalid):
        giving_seats.assign(ticket, "A-A-1", olga, timezone.now())


def test_a_seat_of_the_same_name_on_another_evening_is_another_seat(fay, gus, gold, event, elsewhere):
    placed = order(fay, asking(gold, 1, "A-A-3"))
    order(gus, asking(elsewhere, 1, "A-A-3"))
    cancel(placed, by=fay, now=timezone.now())
    assert (statuses(event), statuses(elsewhere.event)) == ({}, {"A-A-3": "held"})


def test_what_one_order_lets_go_is_none_of_anothers(fay, gus, gold, event):
    placed = order(fay, asking(gold, 1, "A-A-3"))
    order(gus, asking(gold, 1, "A-A-4"))
    cancel(placed, by=fay, now=timezone.now())
    assert statuses(event) == {"A-A-4": "held"}


def test_what_is_sold_is_not_let_go(fay, gold, event):
    placed = order(fay, asking(gold, 1, "A-A-3"))
    pay(placed, fay)
    lines = placed.all_lines()
    holding.release(lines, timezone.now())
    holding.rehold(lines, [], timezone.now())
    assert statuses(event) == {"A-A-3": "sold"}


def test_each_move_of_seats_is_counted_once_and_at_its_own_event(
    fay, gold, event, elsewhere, django_capture_on_commit_callbacks
):
    def moves(step):
        before = EventSeating.objects.get(event=event).changes
        with django_capture_on_commit_callbacks(execute=True):
            answer = step()
        return answer, EventSeating.objects.get(event=event).changes - before

    untouched = EventSeating.objects.get(event=elsewhere.event).changes
    placed, moved = moves(lambda: order(fay, asking(gold, 1, "A-A-3")))
    assert moved == 1
    wanted = cart_lines([asking(gold, 1, "A-A-4")])
    assert moves(lambda: change_order(placed, lines=wanted, by=fay, now=timezone.now()))[1] == 1
    assert moves(lambda: cancel(placed, by=fay, now=timezone.now()))[1] == 1
    assert EventSeating.objects.get(event=elsewhere.event).changes == untouched


def test_the_last_seats_can_be_had(fay, silver, event):
    order(fay, asking(silver, 2, "B-B-1", "B-B-2"), asking(silver, 4))
    assert [len(each) for each in labels(order(fay, asking(silver, 2)))] == [2]
    assert len(statuses(event)) == 8


def test_who_comes_a_moment_after_the_last_seats_went_is_told_that_they_are_sold_out(fay, silver, event):
    """The check of the cart saw them free still."""
    order(fay, asking(silver, 5))
    with pytest.raises(SoldOut) as refusal:
        holding.reserve([OrderItem(item_id=silver.pk, quantity=4, description="Silver")], timezone.now())
    assert refusal.value.message == "Only 3 of Silver are left."


@pytest.mark.parametrize(
    ("best", "words"),
    [
        ({}, "There are no 7 such seats left."),
        ({"together": True}, "There are no 7 such seats left: together."),
        ({"section": "B"}, "There are no 7 such seats left: in B."),
        (
            {"accessible": True, "section": "A", "together": True},
            "There are no 7 such seats left: for a wheelchair and its company, in A, together.",
        ),
    ],
)
def test_seats_that_there_are_none_of_are_said_to_be_so(fay, silver, best, words):
    with pytest.raises(SeatsUnavailable) as refusal:
        order(fay, asking(silver, 7, **best))
    assert refusal.value.message == words
