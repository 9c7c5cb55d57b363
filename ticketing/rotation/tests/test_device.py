"""A holder's device gets what it needs to make the ticket's codes by itself; nobody else does."""

from __future__ import annotations

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from segno import make_qr

from events import planning
from events.models import Event
from orders import access
from orders.receipts.tests.reading import text_of
from ticketing import codes, views
from ticketing.models import Ticket
from ticketing.papers import tickets as papers
from ticketing.rotation import texts, totp
from ticketing.tests.sales import buy
from ticketing.tests.test_papers import codes_in
from ticketing.transfers import answering, offering
from trufan.testing import TicketTypeFactory, UserFactory


def url(ticket: Ticket) -> str:
    return f"/api/v1/tickets/{ticket.pk}/rotating-code"


def text_by(body: dict, at) -> str:
    """What a device shows that was given this answer."""
    secret = base64.b32decode(body["secret"] + "=" * (-len(body["secret"]) % 8))
    return body["static"] + totp.totp(secret, at)


def test_the_holder_gets_all_that_a_device_needs(api, fay, ticket):
    answer = api.as_(fay).get(url(ticket))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    body = answer.json()
    assert (body["algorithm"], body["digits"], body["period"]) == ("SHA256", 8, 15)
    assert (body["door_key_version"], body["code_version"]) == (1, 1)
    assert abs(parse_datetime(body["server_time"]) - timezone.now()) < timedelta(minutes=1)
    now = timezone.now()
    text = text_by(body, now)
    assert text == texts.shown_at(ticket, now)
    assert len(text) == texts.LENGTH == 176


def test_a_rotating_code_fits_the_symbol_of_a_static_one(ticket):
    symbol = make_qr(texts.shown_at(ticket, timezone.now()), error="m", boost_error=False)
    assert (symbol.mode, symbol.version) == ("alphanumeric", 7)


def test_nobody_else_gets_a_secret(api, ticket, stan, gus, olga, ada):
    for user in (None, UserFactory(), stan, gus, olga, ada):
        assert api.as_(user).get(url(ticket)).status_code == 404
    assert api.as_(ada).get(f"/api/v1/tickets/{uuid4()}/rotating-code").status_code == 404


def test_a_guest_gets_it_with_the_orders_access_code_and_no_other(api, ticket_type):
    guests, others = buy(None, ticket_type)[0], buy(None, ticket_type)[0]
    code = {"X-Order-Access-Code": access.code_for(guests.order)}
    assert api.get(url(guests), headers=code).status_code == 200
    assert api.get(url(others), headers=code).status_code == 404
    assert api.get(url(guests), headers={"X-Order-Access-Code": "x"}).status_code == 404


def test_a_refunded_ticket_has_none(api, fay, ticket):
    Ticket.objects.update(status="refunded")
    answer = api.as_(fay).get(url(ticket))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ticket_refunded")


def test_where_codes_stand_still_there_is_none(api, fay, ticket):
    Event.objects.update(configuration={})
    answer = api.as_(fay).get(url(ticket))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "code_is_static")
    assert api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}").json()["code"] == codes.sign(ticket)


def test_after_it_was_handed_on_the_secret_is_another_and_the_new_holders(api, fay, ticket):
    finn = UserFactory(email="finn@example.com")
    Event.objects.update(starts_at=timezone.now() + timedelta(days=1), ends_at=timezone.now() + timedelta(days=2))
    before = api.as_(fay).get(url(ticket)).json()
    transfer = offering.offer(ticket, offering.Recipient(email=finn.email), by=fay, now=timezone.now())
    answering.accept(transfer, finn, timezone.now())
    after = api.as_(finn).get(url(ticket)).json()
    assert after["code_version"] == before["code_version"] + 1
    assert after["secret"] != before["secret"]
    assert after["static"] != before["static"]
    assert api.as_(fay).get(url(ticket)).status_code == 404


def test_a_new_key_of_the_door_makes_new_secrets(api, fay, olga, event, ticket):
    before = api.as_(fay).get(url(ticket)).json()
    planning.change(event, olga, configuration={"rotating_codes": True, "door_key_version": 2})
    after = api.as_(fay).get(url(ticket)).json()
    assert (after["door_key_version"], after["static"]) == (2, before["static"])
    assert after["secret"] != before["secret"]


def test_each_ticket_has_a_secret_of_its_own(api, fay, ticket_type):
    secrets = {api.as_(fay).get(url(each)).json()["secret"] for each in buy(fay, ticket_type, 3)}
    assert len(secrets) == 3


def test_the_ticket_says_that_its_code_rotates_and_shows_none(api, fay, ticket):
    body = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}").json()
    assert (body["rotates"], body["code"]) == (True, None)


def test_the_picture_is_that_of_the_moment_and_never_kept(api, fay, ticket, monkeypatch):
    drawn = []
    monkeypatch.setattr(views.qr, "picture", lambda text, *more: drawn.append(text) or b"<svg/>")
    answer = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/qr.svg")
    assert answer["Cache-Control"] == "private, no-store"
    now = timezone.now()
    assert drawn[0] in {texts.shown_at(ticket, now - timedelta(seconds=ago)) for ago in (0, 15)}


def test_paper_has_no_code_and_says_where_it_is(fay, event, ticket):
    other = buy(fay, TicketTypeFactory(event=event))[0]
    ((_, body, _),) = papers.make(str(other.order_id))
    assert codes_in(body) == []
    assert "The code of this ticket is on your phone" in text_of(body)
    assert other.number in text_of(body)


@pytest.mark.parametrize("wrong", [2, "yes", {}, []])
def test_the_rule_is_yes_or_no(api, olga, event, wrong):
    answer = api.as_(olga).patch(f"/api/v1/events/{event.pk}", {"configuration": {"rotating_codes": wrong}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "configuration.rotating_codes"


@pytest.mark.parametrize("wrong", [0, 65_536, -1, True, "2", 1.5])
def test_the_doors_key_has_a_whole_number(api, olga, event, wrong):
    given = {"configuration": {"rotating_codes": True, "door_key_version": wrong}}
    answer = api.as_(olga).patch(f"/api/v1/events/{event.pk}", given)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "configuration.door_key_version"


def test_a_rule_that_was_written_past_the_check_rotates_nothing(fay, ticket):
    Event.objects.update(configuration={"rotating_codes": "yes"})
    ticket = Ticket.objects.with_event().get(pk=ticket.pk)
    assert texts.shown_at(ticket, timezone.now()) == codes.sign(ticket)
