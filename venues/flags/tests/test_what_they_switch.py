"""What is switched off is refused in the one envelope, or waits, and is back as soon as it is switched on."""

from __future__ import annotations

import pytest

from accounts.models import User
from notifications.models import WebhookMessage
from notifications.webhooks import delivery, sweeping
from notifications.webhooks.tests.conftest import endpoint as endpoint
from notifications.webhooks.tests.conftest import message as message
from notifications.webhooks.tests.conftest import nearby as nearby
from notifications.webhooks.tests.conftest import now as now
from notifications.webhooks.tests.conftest import receiver as receiver
from parking.stays.tests.parked import SESSIONS
from ticketing.tests.sales import buy
from trufan.testing import PASSWORD, CapacityFactory, LotFactory
from venues.flags import changing

pytestmark = pytest.mark.django_db


@pytest.fixture
def turn(ada, django_capture_on_commit_callbacks):
    def turn(name, mode, **how):
        with django_capture_on_commit_callbacks(execute=True):
            changing.change(name, by=ada, mode=mode, **how)

    return turn


def refusal(answer):
    return answer.status_code, answer.json()["error"]["code"]


OFF = (409, "switched_off")


def test_nobody_registers_while_sign_ups_are_off_and_people_sign_in(api, turn):
    wanted = {"email": "new@example.com", "password": PASSWORD, "first_name": "N", "last_name": "O"}
    turn("sign_ups", "off")
    assert refusal(api.post("/api/v1/auth/register", wanted)) == OFF
    assert not User.objects.filter(email="new@example.com").exists()
    turn("sign_ups", "on")
    assert api.post("/api/v1/auth/register", wanted).status_code == 201
    turn("sign_ups", "off")
    asked = {"email": wanted["email"], "password": wanted["password"]}
    assert api.post("/api/v1/auth/login", asked).status_code == 200


def test_a_wallet_pass_is_refused_at_one_venue_and_the_pdf_is_not(api, turn, fay, venue, other_venue, ticket_type):
    ticket = buy(fay, ticket_type)[0]
    passes = [f"/api/v1/tickets/{ticket.pk}/{kind}" for kind in ("apple-wallet.pkpass", "google-wallet")]
    turn("wallet_passes", "except", venue_ids=[venue.pk])
    assert [refusal(api.as_(fay).get(each)) for each in passes] == [OFF, OFF]
    assert api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/ticket.pdf").status_code == 200
    turn("wallet_passes", "except", venue_ids=[other_venue.pk])
    assert refusal(api.as_(fay).get(passes[0])) == (409, "wallet_not_configured")


def test_a_wallet_pass_for_a_part_of_the_users(api, turn, fay, ticket_type):
    ticket = buy(fay, ticket_type)[0]
    address = f"/api/v1/tickets/{ticket.pk}/google-wallet"
    turn("wallet_passes", "only", percent=100)
    assert refusal(api.as_(fay).get(address)) == (409, "wallet_not_configured")
    turn("wallet_passes", "only", staff=True)
    assert refusal(api.as_(fay).get(address)) == OFF


def test_drivers_begin_no_stay_at_a_venue_where_that_is_off_and_staff_take_them_in(api, turn, fay, olga, venue):
    lot = LotFactory(venue=venue, slug="street", has_barrier=False)
    CapacityFactory(lot=lot)
    by_phone = {"sign_code": lot.sign_code, "plate": "ABC 1234"}
    turn("drive_up_by_phone", "except", venue_ids=[venue.pk])
    assert refusal(api.as_(fay).post(SESSIONS, by_phone)) == OFF
    assert api.as_(olga).post(SESSIONS, {"lot": str(lot.pk), "plate": "OLG 1"}).status_code == 201
    turn("drive_up_by_phone", "default")
    assert api.as_(fay).post(SESSIONS, by_phone).status_code == 201


def test_a_venues_systems_hear_later_what_happened_while_webhooks_were_off(turn, venue, message, receiver, now):
    turn("webhooks", "except", venue_ids=[venue.pk])
    assert sweeping.hand_out(now) == 0 and delivery.deliver_and_go_on(message.pk, now) == 0
    assert not receiver.received
    waiting = WebhookMessage.objects.get()
    assert (waiting.status, waiting.attempts, waiting.handed_at) == ("pending", 0, None)
    turn("webhooks", "default")
    assert sweeping.hand_out(now) == 1
    assert len(receiver.received) == 1
