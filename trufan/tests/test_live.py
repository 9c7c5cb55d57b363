"""Live updates through real sockets: who may watch, what is told, and what ends a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts import sign_in, tokens
from accounts.models import SignIn
from orders import access
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.kitchen import moves
from orders.kitchen.tests.kitchens import order_food
from orders.models import Order
from parking.spaces import taking
from parking.spaces.models import SpaceUse
from payments import charges
from trufan.lib import live
from trufan.lib.live import hub, identity, publishing, socket, topics
from trufan.testing import CapacityFactory, EventFactory, OutletFactory, ProductVariantFactory, TicketTypeFactory
from trufan.tests.live_server import SocketServer, Watcher, watching
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server() -> Iterator[SocketServer]:
    running = SocketServer()
    yield running
    running.stop()


@pytest.fixture
def watcher(server: SocketServer) -> Iterator[Watcher]:
    with watching(server.port) as client:
        yield client


def token(user) -> str:
    now = timezone.now()
    return tokens.access_for(sign_in.start(user, now), now)


def pending(user, ticket_type) -> Order:
    lines = cart_lines([("ticket", ticket_type.pk, 1)])
    contact = Contact() if user else Contact("guest@example.com", "+12125550100", "Guest")
    return place_order(lines, user=user, contact=contact, now=timezone.now())


def pay(order: Order) -> None:
    charges.start(order, payer=order.user, payment_method="pm_card_visa", now=timezone.now())


# -- What is told --


def test_the_buyer_hears_that_the_order_is_paid_and_of_nothing_before(watcher, fay, ticket_type):
    order = pending(fay, ticket_type)
    assert watcher.sign_in(token(fay))["type"] == "authenticated"
    begun = watcher.watch("order", order.pk)
    assert (begun["type"], begun["id"]) == ("subscribed", str(order.pk))

    pay(order)

    told = watcher.heard()
    assert told["version"] > begun["version"]
    assert told == {
        "type": "fact", "topic": "order", "id": str(order.pk), "event": "order.paid",
        "version": told["version"], "data": {"status": "paid"},
    }  # fmt: skip


def test_the_kitchen_and_the_buyer_hear_of_each_move(server, fay, gus, venue):
    stand = OutletFactory(venue=venue)
    burger = ProductVariantFactory(product__outlet=stand)
    cook = fresh_staff(venue, VenueStaff.Role.KITCHEN)
    with watching(server.port) as kitchen, watching(server.port) as fan:
        kitchen.sign_in(token(cook))
        kitchen.watch("kitchen", stand.pk)
        order = order_food(fay, (burger, 1))
        fulfilment = order.fulfilments.get()
        assert kitchen.heard()["event"] == "fulfilment.placed"

        fan.sign_in(token(fay))
        fan.watch("order", order.pk)
        moves.step(fulfilment, "accept", by=cook, now=timezone.now())
        data = {"fulfilment": str(fulfilment.pk), "status": "accepted"}
        assert (lambda told: (told["event"], told["data"]))(kitchen.heard()) == ("fulfilment.accepted", data)
        told = fan.heard()
        assert told["data"] == {"fulfilment": str(fulfilment.pk), "fulfilment_status": "accepted"}


def fresh_staff(venue, role):
    from trufan.testing import StaffFactory

    return StaffFactory(venue=venue, role=role).user


def test_what_is_rolled_back_is_never_told(watcher, fay, ticket_type):
    order = pending(fay, ticket_type)
    watcher.sign_in(token(fay))
    watcher.watch("order", order.pk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        live.publish("order", order.pk, "order.changed", {"status": "pending"})
        raise ZeroDivisionError
    assert watcher.is_quiet()
    with transaction.atomic():
        live.publish("order", order.pk, "order.changed", {"status": "pending"})
        assert watcher.is_quiet(0.3), "told before the commit"
    assert watcher.heard()["event"] == "order.changed"


def test_everybody_hears_what_can_still_be_bought_once_a_second_at_most(watcher, fay):
    ticket_type = TicketTypeFactory(quantity=6)
    assert watcher.watch("event", ticket_type.event_id)["type"] == "subscribed"
    pending(fay, ticket_type)
    told = [watcher.heard()]
    for _ in range(3):
        pending(fay, ticket_type)
    told.append(watcher.heard())
    # How many facts these sales make depends on how fast this machine places them; that they are apart does not.
    told += watcher.rest(1.5)

    assert {each["event"] for each in told} == {"ticket_type.stock_moved"}
    assert all(later["version"] - one["version"] > 900_000 for one, later in pairwise(told))
    assert told[-1]["data"]["ticket_types"] == [{"id": str(ticket_type.pk), "availability": "few", "is_on_sale": True}]


def test_everybody_hears_what_is_free_at_a_lot(watcher):
    capacity = CapacityFactory(spaces=2)
    watcher.watch("lot", capacity.lot_id)
    now = timezone.now()
    with transaction.atomic():
        taking.take(taking.lock_one(capacity.pk), now, now + timedelta(hours=1), SpaceUse.Purpose.BLOCK, now)
    assert watcher.heard()["data"] == {"status": "open", "kinds": [{"kind": "standard", "available": 1}]}


def test_the_dashboard_hears_that_something_was_sold(watcher, olga, fay, venue, ticket_type):
    watcher.sign_in(token(olga))
    watcher.watch("venue", venue.pk)
    pay(pending(fay, ticket_type))
    assert watcher.heard()["event"] == "order.paid"


# -- Who may watch --


@pytest.mark.parametrize("topic", ["order", "kitchen", "parking", "valet", "venue"])
def test_a_stranger_and_staff_of_another_venue_are_told_that_there_is_no_such_thing(topic, server, fay, stan, venue):
    gone = {
        "order": lambda: pending(None, TicketTypeFactory(event=EventFactory(venue=venue))).pk,
        "kitchen": lambda: OutletFactory(venue=venue).pk,
        "parking": lambda: CapacityFactory(lot__venue=venue).lot_id,
        "valet": lambda: CapacityFactory(lot__venue=venue).lot_id,
        "venue": lambda: venue.pk,
    }[topic]()
    for user in (None, fay, stan):
        with watching(server.port) as watcher:
            if user:
                watcher.sign_in(token(user))
            refused = watcher.watch(topic, gone)
            assert (refused["type"], refused["topic"]) == ("error", topic)
            # A venue that is open is known to all: there one may not, elsewhere there is nothing.
            assert refused["code"] == ("permission_denied" if topic == "venue" else "not_found")


def test_staff_without_the_permission_are_refused(watcher, gus, venue):
    watcher.sign_in(token(gus))
    assert watcher.watch("kitchen", OutletFactory(venue=venue).pk)["code"] == "permission_denied"


def test_a_guest_watches_an_order_by_its_code_and_not_by_a_wrong_one(watcher, ticket_type):
    order = pending(None, ticket_type)
    assert watcher.watch("order", order.pk, access_code="WRONG")["code"] == "not_found"
    assert watcher.watch("order", order.pk)["code"] == "not_found"
    assert watcher.watch("order", order.pk, access_code=access.code_for(order))["type"] == "subscribed"
    pay(order)
    assert watcher.heard()["event"] == "order.paid"


def test_a_draft_is_nothing_that_the_public_can_watch(watcher):
    event = EventFactory(status="draft")
    assert watcher.watch("event", event.pk)["code"] == "not_found"
    assert watcher.watch("event", uuid4())["code"] == "not_found"


# -- What ends --


def test_a_token_that_ends_closes_the_socket_unless_it_is_renewed(watcher, fay, settings):
    now = timezone.now()
    session = sign_in.start(fay, now)
    short = tokens.access_for(session, now - settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] + timedelta(seconds=3))
    assert watcher.sign_in(short)["expires_in"] <= 3
    assert watcher.sign_in(tokens.access_for(session, now))["expires_in"] > 1000
    assert watcher.is_quiet(4)
    assert watcher.sign_in(short) == {
        "type": "error", "code": "invalid_token", "message": "This token is not valid, or no longer. Sign in again.",
    }  # fmt: skip
    with pytest.raises(ConnectionClosed) as end:
        watcher.heard()
    assert end.value.rcvd.code == 4401


def test_a_token_that_is_not_renewed_ends_the_connection_when_it_ends(watcher, fay, settings):
    now = timezone.now()
    aged = now - settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] + timedelta(seconds=2)
    watcher.sign_in(tokens.access_for(sign_in.start(fay, now), aged))
    assert watcher.heard()["code"] == "invalid_token"
    with pytest.raises(ConnectionClosed) as end:
        watcher.heard()
    assert end.value.rcvd.code == 4401


def test_a_sign_in_that_was_revoked_ends_within_a_minute(watcher, fay, monkeypatch):
    monkeypatch.setattr(socket, "CHECK_SECONDS", 1.0)
    assert socket.CHECK_SECONDS < 60
    watcher.sign_in(token(fay))
    SignIn.objects.update(revoked_at=timezone.now())
    assert watcher.heard()["code"] == "invalid_token"
    with pytest.raises(ConnectionClosed) as end:
        watcher.heard()
    assert end.value.rcvd.code == 4401


def test_who_is_no_longer_on_the_staff_loses_the_topic_and_keeps_the_connection(watcher, olga, venue, monkeypatch):
    monkeypatch.setattr(socket, "CHECK_SECONDS", 1.0)
    watcher.sign_in(token(olga))
    watcher.watch("venue", venue.pk)
    VenueStaff.objects.update(is_active=False)
    lost = watcher.heard()
    assert (lost["type"], lost["topic"], lost["code"]) == ("unsubscribed", "venue", "permission_denied")
    live.publish("venue", venue.pk, "order.paid")
    assert watcher.is_quiet()
    assert watcher.ask(type="ping") == {"type": "pong"}


def test_a_ticket_of_the_console_is_good_for_staff_and_until_the_password_changes(watcher, server, olga, fay, venue):
    ticket = identity.ticket_for(olga)
    assert 290 <= watcher.ask(type="authenticate", ticket=ticket)["expires_in"] <= 300
    assert watcher.watch("venue", venue.pk)["type"] == "subscribed"
    olga.set_password("Other-Horse-9")
    olga.save()
    for spent in (ticket, identity.ticket_for(fay), ticket[:-3] + "abc", "x"):
        with watching(server.port) as other:
            assert other.ask(type="authenticate", ticket=spent)["code"] == "authentication_failed"


# -- What is sent to us --


@pytest.mark.parametrize(
    "garbage",
    ["", "{", "[]", "null", "7", '{"type":"shout"}', '{"type":"subscribe","topic":"order","id":"x"}', "[" * 3000,
     '{"type":"subscribe","topic":["order"],"id":1}', '{"type":"authenticate","token":{}}', '{"type":"_read"}'],
)  # fmt: skip
def test_garbage_is_refused_and_the_connection_goes_on(garbage, watcher):
    watcher.connection.send(garbage)
    assert watcher.heard()["code"] == "malformed_request"
    assert watcher.ask(type="ping") == {"type": "pong"}


def test_what_is_too_large_or_no_text_or_too_much_ends_the_connection(server):
    for sends, code in (
        (["x" * 5000], 1009),
        ([b"\x00"], 1003),
        ([json.dumps({"type": "ping"})] * 100, 4429),
    ):
        with watching(server.port) as watcher:
            with pytest.raises(ConnectionClosed) as end:
                for each in sends:
                    watcher.connection.send(each)
                while True:
                    watcher.heard()
            assert end.value.rcvd.code == code


def test_who_says_nothing_is_let_go(server, monkeypatch):
    monkeypatch.setattr(socket, "FIRST_WORD_SECONDS", 0.3)
    with watching(server.port) as watcher:
        with pytest.raises(ConnectionClosed) as end:
            watcher.heard()
        assert end.value.rcvd.code == 4408


def test_one_connection_watches_fifty_things(watcher, monkeypatch):
    monkeypatch.setattr(socket, "BURST", 1000)
    event = EventFactory()
    watcher.watch("event", event.pk)
    # The topic is asked for each time; fifty events cost the test more than they tell.
    monkeypatch.setattr(socket, "MOST_TOPICS", 1)
    assert watcher.watch("event", EventFactory().pk)["code"] == "too_many_topics"
    assert watcher.watch("event", event.pk)["type"] == "subscribed"
    assert watcher.ask(type="unsubscribe", topic="event", id=str(event.pk))["type"] == "unsubscribed"
    assert watcher.watch("event", EventFactory().pk)["type"] == "subscribed"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_others_are_refused(origin, server):
    with pytest.raises(InvalidStatus), watching(server.port, origin=origin):
        raise AssertionError("the page of somebody else was let in")


def test_our_own_pages_and_those_of_the_fans_app_are_welcome(server, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://www.example.com"]
    for origin in ("https://www.example.com", server.url):
        with watching(server.port, origin=origin) as watcher:
            assert watcher.ask(type="ping") == {"type": "pong"}


def test_only_the_one_address_has_sockets(server):
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{server.port}/ws/v2/"):
        raise AssertionError("there is no such address")


# -- After a cut --


def test_after_a_cut_the_client_watches_again_asks_the_api_and_goes_on(server, fay, api, ticket_type):
    order = pending(fay, ticket_type)
    with watching(server.port) as watcher:
        watcher.sign_in(token(fay))
        watcher.watch("order", order.pk)
        watcher.connection.socket.close()
    pay(order)  # nobody hears
    with watching(server.port) as watcher:
        watcher.sign_in(token(fay))
        begun = watcher.watch("order", order.pk)
        assert api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()["status"] == "paid"
        assert watcher.is_quiet()
        live.publish("order", order.pk, "order.refunded", {"status": "refunded"})
        assert watcher.heard()["version"] > begun["version"]


def test_when_facts_may_have_been_missed_watchers_are_told(watcher, monkeypatch):
    monkeypatch.setattr(hub, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(hub, "CUT_SECONDS", -1.0)
    event = EventFactory()
    watcher.watch("event", event.pk)
    assert watcher.heard(8)["event"] == topics.RESYNC


def test_a_layer_that_is_down_neither_slows_nor_breaks_who_publishes(server, watcher, monkeypatch):
    async def fails(message):
        raise ConnectionError("gone")

    event = EventFactory()
    watcher.watch("event", event.pk)
    monkeypatch.setattr(publishing, "send", fails)
    began = timezone.now()
    for _ in range(publishing.QUEUE + 500):
        live.publish("order", event.pk, "order.paid")
    assert timezone.now() - began < timedelta(seconds=5)
    publishing.outbox.flush()
    assert not publishing.outbox._waiting
    monkeypatch.undo()
    publishing.outbox._down_until = 0.0
    live.publish("event", event.pk, "event.changed")
    assert watcher.heard()["event"] == "event.changed"


def test_what_happens_within_a_moment_is_one_message_and_each_of_it_is_heard(watcher, monkeypatch):
    sent, really = [], publishing.send

    async def note(message):
        sent.append(message)
        await really(message)

    events = EventFactory.create_batch(3)
    for event in events:
        watcher.watch("event", event.pk)
    monkeypatch.setattr(publishing, "send", note)
    with transaction.atomic():
        live.publish("event", events[0].pk, "event.changed")
        publishing.outbox.put({"topic": "event", "key": "not an id", "event": "event.changed", "data": {}})
        for event in events[1:]:
            live.publish("event", event.pk, "event.changed")
    assert {watcher.heard()["id"] for _ in events} == {str(event.pk) for event in events}
    assert len([message for message in sent if message["type"] == "live.facts"]) <= 2


def test_a_message_of_the_release_before_is_heard(server, watcher):
    event = EventFactory()
    watcher.watch("event", event.pk)
    fact = {"type": "live.fact", "topic": "event", "key": str(event.pk), "event": "event.changed", "data": {}}
    asyncio.run_coroutine_threadsafe(publishing.send(fact), publishing.outbox._serving).result(5)
    assert watcher.heard()["event"] == "event.changed"


def test_publishing_costs_no_query(django_assert_num_queries, event):
    with django_assert_num_queries(0):
        live.publish("event", event.pk, "event.changed")
