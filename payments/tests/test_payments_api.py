"""Payments through HTTP: each reads their own, and nobody pays for another."""

from __future__ import annotations

import uuid

import pytest

from orders.models import Order
from payments.models import Payment, SandboxIntent
from payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments"


def confirm(api, payment, **body):
    return api.post(f"/api/v1/sandbox/payments/{payment.pk}/confirm", body)


def test_a_fan_sees_their_own_payments(api, order, pay, fay):
    mine = pay(payer=fay)
    PaymentFactory(order__venue=order.venue)
    answer = api.as_(fay).get(URL).json()
    assert [row["id"] for row in answer["results"]] == [str(mine.pk)]
    row = answer["results"][0]
    assert row["payable"] == {"type": "order", "id": str(order.pk)}
    assert (row["amount"], row["amount_refunded"], row["currency"], row["status"]) == (10_000, 0, "USD", "succeeded")
    assert "client_secret" not in row
    assert "failure" not in row


def test_staff_see_the_payments_of_their_venue_and_of_no_other(api, order, pay, olga, stan, gus, fay):
    payment = pay(payer=fay)
    own = api.as_(olga).get(URL, {"venue": str(order.venue_id)})
    assert [row["id"] for row in own.json()["results"]] == [str(payment.pk)]
    assert api.as_(stan).get(URL, {"venue": str(order.venue_id)}).status_code == 403
    assert api.as_(gus).get(URL, {"venue": str(order.venue_id)}).status_code == 403
    assert api.as_(olga).get(URL).json()["count"] == 0
    assert api.as_(olga).get(f"{URL}/{payment.pk}").status_code == 200
    assert api.as_(fay).get(f"{URL}/{payment.pk}").status_code == 200
    assert api.as_(stan).get(f"{URL}/{payment.pk}").status_code == 404
    assert api.as_(gus).get(f"{URL}/{payment.pk}").status_code == 404


def test_a_super_admin_sees_any_payment(api, pay, ada, order):
    payment = pay()
    assert api.as_(ada).get(f"{URL}/{payment.pk}").status_code == 200
    assert api.as_(ada).get(URL, {"venue": str(order.venue_id)}).json()["count"] == 1


def test_strangers_must_sign_in(api, pay):
    assert api.get(URL).status_code == 401
    assert api.get(f"{URL}/{pay().pk}").status_code == 401


def test_payments_are_filtered_and_searched(api, order, pay, fay):
    pay("pm_card_chargeDeclined", payer=fay)
    pay(payer=fay)
    caller = api.as_(fay)
    assert caller.get(URL, {"status": "failed"}).json()["count"] == 1
    assert caller.get(f"{URL}?status=failed&status=succeeded").json()["count"] == 2
    assert caller.get(URL, {"search": order.number}).json()["count"] == 2
    assert caller.get(URL, {"payable": str(uuid.uuid4())}).json()["count"] == 0
    assert caller.get(URL, {"status": "lost"}).status_code == 422
    assert caller.get(URL, {"venue": "garden"}).status_code == 422


def test_a_list_of_payments_costs_the_same_however_long(api, venue, olga, django_assert_num_queries):
    caller = api.as_(olga)
    PaymentFactory.create_batch(12, order__venue=venue)
    caller.get(URL, {"venue": str(venue.pk)})
    with django_assert_num_queries(2):
        assert len(caller.get(URL, {"venue": str(venue.pk)}).json()["results"]) == 12


def test_the_second_step_pays_the_order(api, order, pay, django_capture_on_commit_callbacks):
    payment = pay("pm_card_authenticationRequired")
    assert payment.client_secret
    with django_capture_on_commit_callbacks(execute=True):
        answer = confirm(api, payment, client_secret=payment.client_secret, outcome="succeed")
    order.refresh_from_db()
    assert answer.status_code == 200
    assert order.status == "paid"
    assert confirm(api, payment, client_secret=payment.client_secret, outcome="succeed").status_code == 409


def test_a_failed_second_step_leaves_the_order_unpaid(api, order, pay, django_capture_on_commit_callbacks):
    payment = pay("pm_card_authenticationRequired")
    with django_capture_on_commit_callbacks(execute=True):
        confirm(api, payment, client_secret=payment.client_secret, outcome="fail")
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.status, payment.failure_code, order.status) == ("failed", "authentication_failed", "pending")


@pytest.mark.parametrize("secret", ["wrong", "pi_sandbox_", "é"])
def test_without_the_secret_there_is_no_such_payment(api, pay, secret):
    payment = pay("pm_card_authenticationRequired")
    assert confirm(api, payment, client_secret=secret, outcome="succeed").status_code == 404
    assert SandboxIntent.objects.get().status == "requires_action"


def test_a_payment_the_sandbox_never_saw_cannot_be_confirmed(api, db):
    assert confirm(api, PaymentFactory(), client_secret="x", outcome="succeed").status_code == 404


@pytest.mark.parametrize("body", [{}, {"client_secret": ""}, {"client_secret": "x", "outcome": "perhaps"}])
def test_a_confirmation_that_makes_no_sense_is_refused(api, pay, body):
    assert confirm(api, pay("pm_card_authenticationRequired"), **body).status_code == 422


def test_production_has_no_second_step_to_play(api, pay, settings):
    payment = pay("pm_card_authenticationRequired")
    settings.DJANGO_ENV = "production"
    assert confirm(api, payment, client_secret=payment.client_secret, outcome="succeed").status_code == 404
    assert Payment.objects.get().status == "requires_action"
    assert Order.objects.get().status == "pending"
