"""Tickets that the venue keeps back are nobody's to buy, until they are released or given away."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.errors import SoldOut
from orders.models import Order
from ticketing import ticket_types
from ticketing.boxoffice import house
from ticketing.errors import QuantityTooSmall, TicketTypeInUse
from ticketing.inventory_check import differences
from ticketing.models import HouseHold, TicketType
from ticketing.tests.sales import buy, order
from ticketing.waitlist import line, offering
from trufan.lib.errors import DomainError
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once


@pytest.fixture
def few(event) -> TicketType:
    return TicketTypeFactory(event=event, name="Front row", quantity=10)


def fresh(kind) -> TicketType:
    return TicketType.objects.select_related("event__venue").get(pk=kind.pk)


def keeps(api, user, event, kind, quantity=4, **asked):
    body = {"ticket_type": str(kind.pk), "quantity": quantity, "label": "Artist guests", **asked}
    return api.as_(user).post(f"/api/v1/events/{event.pk}/house-holds", body)


def releases(api, user, hold_id, **asked):
    return api.as_(user).post(f"/api/v1/house-holds/{hold_id}/release", asked)


def keep(kind, quantity=4) -> HouseHold:
    return house.keep(fresh(kind), quantity=quantity, label="House", by=None, now=timezone.now())


def test_what_is_kept_back_is_not_for_sale(api, bea, event, few):
    answer = keeps(api, bea, event, few, 8, note="Until noon")
    assert answer.status_code == 201, answer.json()
    said = answer.json()
    assert (said["label"], said["quantity"], said["left"], said["released_at"]) == ("Artist guests", 8, 8, None)
    kind = fresh(few)
    assert (kind.house, kind.left) == (8, 2)
    buy(UserFactory(), few, 2)
    with pytest.raises(SoldOut):
        order(UserFactory(), few)
    assert api.get(f"/api/v1/ticket-types/{few.pk}").json()["availability"] == "sold_out"
    shown = api.as_(bea).get(f"/api/v1/ticket-types/{few.pk}").json()
    assert (shown["house"], shown["left"]) == (8, 0)
    assert AuditLog.objects.get(action="house_hold.made").actor == bea
    assert list(differences()) == []


def test_no_more_is_kept_than_is_left(api, bea, event, few):
    buy(UserFactory(), few, 7)
    answer = keeps(api, bea, event, few, 4)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sold_out")
    assert not HouseHold.objects.exists()
    assert keeps(api, bea, event, few, 3).status_code == 201


@pytest.mark.parametrize("asked", [{"quantity": 0}, {"quantity": "many"}, {"label": ""}, {"ticket_type": "front"}])
def test_garbage_keeps_nothing(api, bea, event, few, asked):
    assert keeps(api, bea, event, few, **asked).status_code == 422
    assert fresh(few).house == 0


def test_a_type_of_another_event_is_not_kept_here(api, bea, venue, event):
    other = TicketTypeFactory(event=EventFactory(venue=venue))
    assert keeps(api, bea, event, other).status_code == 422
    assert keeps(api, bea, event, other, ticket_type=str(uuid4())).status_code == 422


def test_an_event_that_is_over_keeps_nothing(api, bea, event, few):
    type(event).objects.filter(pk=event.pk).update(status="completed")
    assert keeps(api, bea, event, few).json()["error"]["code"] == "event_closed"


def test_a_part_is_released_and_then_the_rest(api, bea, event, few):
    hold = keeps(api, bea, event, few).json()
    part = releases(api, bea, hold["id"], quantity=1).json()
    assert (part["left"], part["released"], part["released_at"]) == (3, 1, None)
    assert fresh(few).left == 7
    rest = releases(api, bea, hold["id"]).json()
    assert (rest["left"], rest["released"]) == (0, 4)
    assert rest["released_at"] is not None
    assert (fresh(few).house, fresh(few).left) == (0, 10)
    again = releases(api, bea, hold["id"])
    assert (again.status_code, again.json()["error"]["code"]) == (409, "hold_too_small")
    assert list(differences()) == []


def test_no_more_is_released_than_is_kept(api, bea, event, few):
    hold = keeps(api, bea, event, few).json()
    assert releases(api, bea, hold["id"], quantity=5).json()["error"]["code"] == "hold_too_small"
    assert releases(api, bea, hold["id"], quantity=0).status_code == 422
    assert fresh(few).house == 4


def test_what_is_released_is_first_for_those_who_wait(few):
    hold = keep(few, 4)
    buy(UserFactory(), few, 6)
    entry = line.join(fresh(few), UserFactory(), 3, timezone.now())
    house.release(hold, by=None, now=timezone.now())
    assert (fresh(few).set_aside, fresh(few).left) == (3, 1)
    offering.sweep(timezone.now())
    entry.refresh_from_db()
    assert entry.status == "offered"
    assert Order.objects.get(pk=entry.order_id).items.get().quantity == 3
    assert list(differences()) == []


def test_whoever_gives_nothing_away_there_keeps_and_releases_nothing(api, bea, gus, stan, fay, event, few):
    hold = keeps(api, bea, event, few).json()
    for stranger, status in ((gus, 403), (stan, 404), (fay, 404)):
        assert keeps(api, stranger, event, few).status_code == 403
        assert releases(api, stranger, hold["id"]).status_code == status
        assert api.as_(stranger).get(f"/api/v1/events/{event.pk}/house-holds").status_code == 403
    assert fresh(few).house == 4


def test_holds_are_listed_with_a_constant_number_of_queries(api, bea, event, few, django_assert_max_num_queries):
    made = [keep(few, 2) for _ in range(3)]
    house.release(made[0], by=None, now=timezone.now())
    url = f"/api/v1/events/{event.pk}/house-holds"
    with django_assert_max_num_queries(6):
        listed = api.as_(bea).get(url).json()["results"]
    assert [each["id"] for each in listed] == [str(each.pk) for each in reversed(made)]
    assert [each["id"] for each in api.as_(bea).get(url, {"is_over": "true"}).json()["results"]] == [str(made[0].pk)]
    assert api.as_(bea).get(url, {"is_over": "false"}).json()["count"] == 2


def test_a_type_is_not_made_smaller_than_what_is_kept_nor_deleted_with_it(few):
    keep(few, 4)
    with pytest.raises(QuantityTooSmall):
        ticket_types.change(fresh(few), None, quantity=3)
    with pytest.raises(TicketTypeInUse):
        ticket_types.delete(fresh(few), None)


def test_a_counter_that_is_wrong_is_told(few):
    keep(few, 4)
    TicketType.objects.filter(pk=few.pk).update(house=3)
    assert [(each.counter, each.counted, each.found) for each in differences()] == [("house", 3, 4)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_those_who_keep_and_buy_the_last_at_once_none_gets_what_is_not_there(few):
    TicketType.objects.filter(pk=few.pk).update(quantity=5)
    type(few.event).objects.filter(pk=few.event_id).update(allocated=5)

    def act(number: int) -> object:
        return keep(few, 1) if number % 2 else order(None, few)

    done = [each for each in at_once(10, act) if not isinstance(each, DomainError)]
    kind = fresh(few)
    assert len(done) == 5
    assert (kind.house + kind.held, kind.left) == (5, 0)
    assert list(differences()) == []
