"""Refunds that the provider refused, that came back, or that nobody asked for: shown, retried, and told to staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from orders import refunding
from orders.models import Order
from orders.refund_plan import AskedLine
from orders.tests.refunds import buy, send, url
from orders.tests.test_holds import counters, place
from payments import charges, refunds
from payments.gateways.base import RefundOutcome
from payments.models import Refund, SandboxIntent, SandboxRefund
from payments.tests.factories import PaymentFactory
from ticketing.inventory_check import differences
from ticketing.models import Ticket
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_, press
from trufan.tests.console_client import url as console


@pytest.fixture
def order(fay, ticket_type):
    return buy(fay, (ticket_type, 4))


@pytest.fixture
def refund(order, olga):
    """Two of four tickets, under way."""
    line = order.items.get()
    return refunding.request(order, asked=[AskedLine(line.pk, 2)], by=olga, reason="Rain", now=timezone.now())


@pytest.fixture
def retry(api, olga, order, django_capture_on_commit_callbacks):
    def post(refund, by=olga, of=None, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return api.as_(by).post(url(of or order, str(refund.pk), "retry"), **more)

    return post


def refuse(refund):
    """The provider refuses every part of it, this time."""
    for part in refund.parts.all():
        refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No."), timezone.now())


def bounce(refund):
    """The buyer's bank sends it back."""
    part = refund.parts.order_by("created_at").last()
    SandboxRefund.objects.filter(key=part.idempotency_key).update(status="failed")
    refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "The account is closed."), timezone.now())


def shown(api, user, order):
    return [(each["kind"], each["status"], each["amount"]) for each in api.as_(user).get(url(order)).json()["results"]]


# --- Asked for again ---


def test_a_failed_refund_is_retried_by_staff(api, olga, order, refund, retry, ticket_type):
    refuse(refund)
    assert shown(api, olga, order) == [("lines", "failed", 10_000)]
    answer = retry(refund)
    assert (answer.status_code, answer.json()["id"]) == (200, str(refund.pk))
    assert shown(api, olga, order) == [("lines", "succeeded", 10_000)]
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("paid", 10_000)
    assert counters(ticket_type) == (0, 2)


def test_a_refund_that_did_not_fail_is_not_retried(refund, retry):
    assert retry(refund).json()["error"]["code"] == "not_refundable"
    send(refund)
    assert retry(refund).status_code == 409


def test_a_retry_under_one_key_is_one_retry(refund, retry):
    refuse(refund)
    answers = [retry(refund, headers={"Idempotency-Key": "again"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert refund.parts.get().round == 2


def test_who_may_retry(api, fay, gus, stan, ada, order, refund, retry):
    refuse(refund)
    assert retry(refund, by=fay).status_code == 403
    assert retry(refund, by=gus).status_code == 403
    assert retry(refund, by=stan).status_code == 404
    assert retry(refund, by=None).status_code == 404
    assert refund.parts.get().round == 1
    assert retry(refund, by=ada).status_code == 200


def test_a_refund_of_another_order_is_not_found(fay, ticket_type, refund, retry):
    other = buy(fay, (ticket_type, 1))
    refuse(refund)
    assert retry(refund, of=other).status_code == 404


def test_lines_that_were_refunded_otherwise_are_not_retried(olga, order, refund, retry):
    refuse(refund)
    send(refunding.request(order, by=olga, reason="All of it", now=timezone.now()))
    assert retry(refund).status_code == 409


# --- Come back ---


def test_what_came_back_shows_so_and_staff_are_told_once(api, fay, olga, venue, order, refund, ticket_type):
    office = StaffFactory(venue=venue, role="box_office").user
    StaffFactory(venue=venue, role="kitchen")
    send(refund)
    for _ in range(2):
        bounce(refund)
    order.refresh_from_db()
    assert shown(api, fay, order) == [("lines", "came_back", 10_000)]
    assert (order.status, order.amount_refunded) == ("paid", 0)
    # The tickets are void: what the buyer gave up was given up, and the money is still owed.
    assert counters(ticket_type) == (0, 2)
    told = Notification.objects.filter(template="refund_came_back")
    assert {mail.recipient for mail in told} == {olga.email, office.email}
    assert told.count() == 2


def test_what_came_back_is_paid_again_and_takes_nothing_more(api, olga, order, refund, retry, ticket_type):
    send(refund)
    bounce(refund)
    assert retry(refund).status_code == 200
    order.refresh_from_db()
    assert shown(api, olga, order) == [("lines", "succeeded", 10_000)]
    assert (order.status, order.amount_refunded) == ("paid", 10_000)
    assert counters(ticket_type) == (0, 2)
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["refunded"] * 2 + ["valid"] * 2
    assert [part.status for part in refund.parts.order_by("created_at")] == ["came_back", "succeeded"]
    mails = Notification.objects.filter(template="order_refunded")
    assert {tuple(mail.context["lines"]) for mail in mails} == {("2 × General Admission, Opening Night",)}
    bounce(refund)
    assert shown(api, olga, order) == [("lines", "came_back", 10_000)]
    assert retry(refund).status_code == 200
    assert refund.parts.count() == 3
    assert not list(differences())


def test_after_a_full_refund_came_back_the_order_stays_ended(api, olga, order, retry):
    whole = refunding.request(order, by=olga, reason="Rain", now=timezone.now())
    send(whole)
    bounce(whole)
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 0)
    assert retry(whole).status_code == 200
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 20_000)


def test_another_refund_of_the_rest_still_fits(olga, order, refund):
    send(refund)
    bounce(refund)
    line = order.items.get()
    send(refunding.request(order, asked=[AskedLine(line.pk)], by=olga, reason="Rest", now=timezone.now()))
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 10_000)


def test_the_console_pays_it_again(olga, order, refund, django_capture_on_commit_callbacks):
    send(refund)
    bounce(refund)
    part = refund.parts.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert "under way again" in press(olga, part, "retry")
    order.refresh_from_db()
    assert order.amount_refunded == 10_000
    page = as_(olga).get(console(Order, "change", order.pk)).content.decode()
    assert "came back" in page


# --- The house's own ---


def test_a_payment_that_came_too_late_shows_its_return(api, fay, ticket_type, django_capture_on_commit_callbacks):
    order = place(fay, (ticket_type, 1))
    with django_capture_on_commit_callbacks(execute=True):
        payment = charges.start(order, payer=fay, payment_method="pm_sandbox_late", now=timezone.now())
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    SandboxIntent.objects.update(webhook_due_at=timezone.now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        charges.give_up(payment, timezone.now())
    assert shown(api, fay, order) == [("house", "succeeded", 5_000)]


def test_a_second_payment_shows_its_return(api, fay, olga, order, django_capture_on_commit_callbacks):
    second = PaymentFactory(order=order, provider_id=None)
    with django_capture_on_commit_callbacks(execute=True):
        charges.settle(second.pk, _charged(second), timezone.now())
    assert shown(api, fay, order) == [("house", "succeeded", 20_000)]
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("paid", 0)
    page = as_(olga).get(console(Order, "change", order.pk)).content.decode()
    assert "It was paid twice." in page
    assert api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()["refunds"][0]["kind"] == "house"


def _charged(payment):
    from payments.gateways.sandbox import SandboxGateway

    return SandboxGateway().charge(payment)
