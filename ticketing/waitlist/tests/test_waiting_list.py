"""Sold out: people wait in line, and what comes free is theirs in order, never the public's."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from events.models import Event
from notifications.models import Notification
from orders import cancellation, expiry
from orders.errors import SoldOut
from orders.models import Order, OrderItem
from orders.sellable import Pieces
from payments import charges
from ticketing import returns, ticket_types
from ticketing.inventory_check import differences
from ticketing.models import Ticket, TicketType, WaitlistEntry
from ticketing.tests.sales import buy, order
from ticketing.waitlist import line, offering
from trufan.lib.errors import DomainError
from trufan.testing import TicketTypeFactory, UserFactory, at_once
from trufan.tests.console_client import as_, buttons_on, press, url

URL = "/api/v1/waitlist"


@pytest.fixture
def full(event) -> TicketType:
    """Two tickets, both of them sold."""
    kind = TicketTypeFactory(event=event, name="Front row", quantity=2)
    buy(UserFactory(), kind, 2)
    return TicketType.objects.get(pk=kind.pk)


def joins(api, user, kind, quantity=1, **headers):
    return api.as_(user).post(f"/api/v1/ticket-types/{kind.pk}/waitlist", {"quantity": quantity}, headers=headers)


def wait(kind, quantity=1, user=None) -> WaitlistEntry:
    return line.join(fresh(kind), user or UserFactory(), quantity, timezone.now())


def fresh(kind) -> TicketType:
    return TicketType.objects.select_related("event__venue").get(pk=kind.pk)


def give_back(kind, ticket: Ticket | None = None) -> None:
    """One ticket, as a refund does it."""
    ticket = ticket or Ticket.objects.live().filter(ticket_type=kind).first()
    returns.void([Pieces(ticket.order_item, 1, (ticket.pk,))], ticket.order.venue_id)
    OrderItem.objects.filter(pk=ticket.order_item_id).update(quantity_refunded=F("quantity_refunded") + 1)


def state(entry) -> str:
    entry.refresh_from_db()
    return entry.status


def test_who_joins_has_a_place_and_who_came_first_is_first(api, fay, full):
    first, second = UserFactory(), UserFactory()
    wait(full, user=first)
    wait(full, user=second)
    answer = joins(api, fay, full, 2)
    assert answer.status_code == 201
    assert (answer.json()["position"], answer.json()["status"], answer.json()["order"]) == (3, "waiting", None)
    assert answer.json()["event"]["name"] == "Opening Night"
    assert api.as_(fay).get(f"{URL}/{answer.json()['id']}").json()["position"] == 3
    WaitlistEntry.objects.filter(user=first).update(status="left")
    assert api.as_(fay).get(URL).json()["results"][0]["position"] == 2


def test_freed_tickets_are_held_for_the_first_in_line_and_nobody_else_can_buy_them(api, fay, full):
    entry = wait(full, user=fay)
    give_back(full)
    kind = fresh(full)
    assert (kind.set_aside, kind.left, kind.availability) == (1, 0, "sold_out")
    with pytest.raises(SoldOut):
        order(UserFactory(), full)
    now = timezone.now()
    assert offering.sweep(now) == 1
    entry.refresh_from_db()
    assert (entry.status, entry.order.user, entry.order.expires_at) == ("offered", fay, now + timedelta(hours=1))
    kind = fresh(full)
    assert (kind.held, kind.set_aside, kind.waiting, kind.left) == (1, 0, 0, 0)
    told = Notification.objects.get(template="waitlist_turn")
    assert (told.user, told.context["quantity"]) == (fay, 1)
    with pytest.raises(SoldOut):
        order(UserFactory(), full)
    shown = api.as_(fay).get(f"{URL}/{entry.pk}").json()
    assert (shown["status"], shown["order"], shown["position"]) == ("offered", str(entry.order_id), None)
    paid = api.as_(fay).post(f"/api/v1/orders/{entry.order_id}/pay", {"payment_method": "pm_card_visa"})
    assert paid.json()["status"] == "succeeded"
    assert offering.sweep(timezone.now()) == 1
    assert state(entry) == "taken"
    assert Ticket.objects.filter(holder=fay, ticket_type=full).count() == 1
    assert list(differences()) == []


def test_who_lets_an_offer_pass_gives_it_to_the_next(full):
    first, second = wait(full), wait(full)
    give_back(full)
    now = timezone.now()
    offering.sweep(now)
    assert (state(first), state(second)) == ("offered", "waiting")
    later = now + timedelta(hours=1)
    assert expiry.expire_overdue(later) == 1
    assert fresh(full).left == 0
    offering.sweep(later)
    assert (state(first), state(second)) == ("missed", "offered")
    assert list(differences()) == []


def test_who_cancels_the_order_gives_it_to_the_next(full):
    first, second = wait(full), wait(full)
    give_back(full)
    offering.sweep(timezone.now())
    first.refresh_from_db()
    cancellation.cancel_pending([first.order_id], by=first.user, now=timezone.now())
    offering.sweep(timezone.now())
    assert (state(first), state(second)) == ("missed", "offered")


def test_the_first_gets_what_there_is_up_to_what_they_want(full):
    first, second = wait(full, 2), wait(full)
    give_back(full)
    offering.sweep(timezone.now())
    first.refresh_from_db()
    assert (first.status, first.order.items.get().quantity) == ("offered", 1)
    assert Notification.objects.get(template="waitlist_turn").context["wanted"] == 2
    assert state(second) == "waiting"
    assert fresh(full).waiting == 1
    assert list(differences()) == []


def test_a_larger_house_is_first_for_those_who_wait_and_then_for_the_public(full, olga):
    wait(full)
    ticket_types.change(fresh(full), olga, quantity=5)
    kind = fresh(full)
    assert (kind.set_aside, kind.left) == (1, 2)
    ticket_types.change(kind, olga, quantity=2)
    assert fresh(full).set_aside == 0


def test_when_the_line_is_empty_the_rest_is_the_publics(full):
    entry = wait(full)
    give_back(full)
    line.leave(entry, entry.user, timezone.now())
    kind = fresh(full)
    assert (state(entry), kind.set_aside, kind.waiting, kind.left) == ("left", 0, 0, 1)
    assert order(UserFactory(), full).status == "pending"


def test_nobody_waits_for_what_is_on_sale_nor_twice_nor_too_late(api, fay, full, ticket_type, event):
    assert joins(api, fay, ticket_type).json()["error"]["code"] == "not_sold_out"
    assert joins(api, fay, full).status_code == 201
    assert joins(api, fay, full).json()["error"]["code"] == "already_waiting"
    assert joins(api, UserFactory(), full, 99).json()["error"]["details"][0]["field"] == "quantity"
    for nonsense in (0, -1, "two", None, 10**9):
        assert joins(api, UserFactory(), full, nonsense).status_code == 422
    assert joins(api, None, full).status_code == 401
    assert api.as_(fay).post(f"/api/v1/ticket-types/{uuid4()}/waitlist", {"quantity": 1}).status_code == 404
    Event.objects.filter(pk=event.pk).update(status="cancelled")
    assert joins(api, UserFactory(), full).json()["error"]["code"] == "not_for_sale"


def test_sent_again_under_the_same_key_it_is_one_place(api, fay, full):
    key = {"Idempotency-Key": "w-1"}
    assert joins(api, fay, full, **key).json()["id"] == joins(api, fay, full, **key).json()["id"]


def test_once_the_sale_is_over_the_line_ends(full, event):
    entries = [wait(full), wait(full)]
    TicketType.objects.filter(pk=full.pk).update(sales_end=timezone.now() - timedelta(minutes=1))
    offering.sweep(timezone.now())
    assert [state(entry) for entry in entries] == ["closed", "closed"]
    assert (fresh(full).waiting, fresh(full).set_aside) == (0, 0)
    assert offering.sweep(timezone.now()) == 0


def test_free_tickets_are_theirs_at_once(event):
    free = TicketTypeFactory(event=event, name="Free", price=0, quantity=1)
    buy(UserFactory(), free)
    entry = wait(free)
    give_back(free)
    offering.sweep(timezone.now())
    assert state(entry) == "taken"
    assert Ticket.objects.live().filter(holder=entry.user).count() == 1


def test_my_places_are_mine_alone_at_a_constant_cost(api, fay, full, event, django_assert_num_queries):
    mine = wait(full, user=fay)
    other = TicketTypeFactory(event=event, name="Box", quantity=1)
    buy(UserFactory(), other)
    wait(other, user=fay)
    theirs = wait(full)
    assert {row["id"] for row in api.as_(fay).get(URL).json()["results"]} != {str(theirs.pk)}
    assert api.as_(fay).get(URL).json()["count"] == 2
    assert api.as_(fay).get(f"{URL}/{theirs.pk}").status_code == 404
    assert api.as_(fay).delete(f"{URL}/{theirs.pk}").status_code == 404
    with django_assert_num_queries(2):
        api.as_(fay).get(f"{URL}?limit=1")
    with django_assert_num_queries(2):
        api.as_(fay).get(URL)
    assert api.as_(fay).delete(f"{URL}/{mine.pk}").status_code == 204
    assert api.as_(fay).delete(f"{URL}/{mine.pk}").json()["error"]["code"] == "not_waiting"
    assert api.as_(fay).get(f"{URL}?status=left").json()["count"] == 1


def test_staff_see_the_line_and_take_somebody_out_of_it(olga, stan, full):
    entry = wait(full)
    page = url(WaitlistEntry, "changelist")
    assert entry.user.email in as_(olga).get(page).content.decode()
    assert entry.user.email not in as_(stan).get(page).content.decode()
    press(olga, WaitlistEntry.objects.with_position().get(pk=entry.pk), "remove")
    assert state(entry) == "left"
    assert "remove" not in buttons_on(olga, entry)


def test_erasing_a_person_takes_them_out_of_the_line(fay, full):
    from ticketing import personal

    entry = wait(full, user=fay)
    assert personal.export(fay)["waited_for"][0]["quantity"] == 1
    personal.erase(fay, timezone.now())
    assert (state(entry), fresh(full).waiting) == ("left", 0)


def test_check_inventory_counts_those_who_wait(full, capsys):
    wait(full)
    TicketType.objects.filter(pk=full.pk).update(waiting=3)
    with pytest.raises(CommandError):
        call_command("check_inventory")
    assert "waiting is 3, the people on the waiting list say 1" in capsys.readouterr().out


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_while_people_wait_no_freed_ticket_is_ever_the_publics(venue, event):
    kind = TicketTypeFactory(event=event, name="Hot", quantity=10)
    buy(UserFactory(), kind, 10)
    people = [wait(kind) for _ in range(6)]
    tickets = list(Ticket.objects.filter(ticket_type=kind).select_related("order_item"))
    strangers: list[User] = [UserFactory() for _ in range(6)]

    def act(number: int) -> object:
        """Some give back, some try to buy, some look whose turn it is, all at once."""
        if number % 3 == 0:
            with transaction.atomic():
                give_back(kind, tickets[number // 3])
        elif number % 3 == 1:
            return order(strangers[number // 3], kind)
        else:
            offering.offer_next(kind.pk, timezone.now())
        return None

    answers = at_once(18, act)
    assert [one for one in answers if isinstance(one, Order)] == []
    assert all(one is None or isinstance(one, DomainError) for one in answers)
    while offering.offer_next(kind.pk, timezone.now()):
        pass
    assert list(differences()) == []
    offered = [entry for entry in people if state(entry) == "offered"]
    assert len(offered) == 10 - Ticket.objects.live().filter(ticket_type=kind).count()
    assert offered == people[: len(offered)]


@pytest.mark.django_db
def test_an_expired_offer_that_is_paid_late_is_refunded_or_served_but_never_oversold(fay, full):
    entry = wait(full, user=fay)
    give_back(full)
    now = timezone.now()
    offering.sweep(now)
    entry.refresh_from_db()
    expiry.expire_overdue(now + timedelta(hours=1))
    with pytest.raises(DomainError):
        charges.start(entry.order, payer=fay, payment_method="pm_card_visa", now=now + timedelta(hours=1))
    assert list(differences()) == []
