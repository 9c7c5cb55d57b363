"""A buyer's own refund: within the event's policy, for tickets that were neither used nor given away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from orders import access, refunding
from orders.errors import RefundRefused
from orders.models import OrderRefund
from orders.refund_plan import AskedLine, plan
from orders.tests.refunds import buy, details, url
from ticketing.models import Ticket
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory

POLICY = {"until_hours_before_start": 48, "keep_fees": True, "keep_percent": 10}


@pytest.fixture
def show(venue):
    venue.ticket_fee_fixed = 250
    venue.save()
    starts_at = timezone.now() + timedelta(days=10)
    return EventFactory(venue=venue, starts_at=starts_at, configuration={"refund_policy": POLICY})


@pytest.fixture
def order(fay, show):
    return buy(fay, (TicketTypeFactory(event=show, price=5_000), 2))


@pytest.fixture
def ask(api, fay, order, django_capture_on_commit_callbacks):
    def post(by=fay, of=None, path=(), **how):
        body = how.pop("body", {})
        with django_capture_on_commit_callbacks(execute=True):
            return api.as_(by).post(url(of or order, *path), {"reason": "Ill", **body}, format="json", **how)

    return post


def test_fee_and_percentage_are_kept_and_the_rest_goes_back(ask, order):
    said = ask().json()
    assert (said["amount"], said["kept"], said["by_buyer"]) == (9_000, 1_500, True)
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("refunded", 10_500, 9_000)
    assert set(Ticket.objects.values_list("status", flat=True)) == {"refunded"}


def test_the_preview_promises_what_the_refund_does(ask, order):
    body = {"items": [{"id": str(order.items.get().pk), "quantity": 1}]}
    promised = ask(path=("preview",), body=body).json()
    done = ask(body=body).json()
    assert (promised["amount"], promised["kept"]) == (done["amount"], done["kept"]) == (4_500, 750)


def test_staff_may_give_back_later_what_was_kept(api, olga, ask, order):
    ask()
    answer = ask(by=olga, body={"amount": 1_500})
    assert answer.status_code == 201
    order.refresh_from_db()
    assert order.amount_refunded == order.amount_paid


@pytest.mark.parametrize(("late_by", "passes"), [(-1, True), (0, True), (1, False)])
def test_the_window_closes_at_its_last_microsecond(order, show, late_by, passes):
    at = show.starts_at - timedelta(hours=48) + timedelta(microseconds=late_by)
    if passes:
        assert plan(order, by_buyer=True, now=at).amount == 9_000
        return
    with pytest.raises(RefundRefused) as refusal:
        plan(order, by_buyer=True, now=at)
    assert [(each.field, each.code) for each in refusal.value.details] == [("items[0]", "refund_too_late")]
    assert plan(order, by_buyer=False, now=at).amount == 10_500


def test_without_a_policy_buyers_refund_nothing(ask, show):
    Event.objects.filter(pk=show.pk).update(configuration={})
    answer = ask()
    assert (answer.status_code, details(answer)) == (409, [("items[0]", "refund_not_offered")])
    assert not OrderRefund.objects.exists()


def test_a_policy_that_cannot_be_read_offers_nothing(ask, show):
    Event.objects.filter(pk=show.pk).update(configuration={"refund_policy": {"keep_percent": 500}})
    assert details(ask()) == [("items[0]", "refund_not_offered")]


def test_a_used_ticket_is_never_given_back_by_its_buyer(ask, order):
    used, unused = Ticket.objects.all()
    used.move(Ticket.Status.USED, used_at=timezone.now())
    line = str(order.items.get().pk)
    assert details(ask()) == [("items[0]", "ticket_used")]
    assert details(ask(body={"items": [{"id": line, "tickets": [str(used.pk)]}]})) == [("items[0]", "ticket_used")]
    assert ask(body={"items": [{"id": line, "quantity": 1}]}).status_code == 201
    unused.refresh_from_db()
    assert unused.status == "refunded"


def test_a_ticket_that_was_given_away_is_not_its_buyers_to_return(ask, order):
    Ticket.objects.update(holder=UserFactory())
    assert details(ask()) == [("items[0]", "refund_not_offered")]


def test_every_line_that_stands_against_it_is_named(ask, fay, show, venue):
    today = TicketTypeFactory(event=EventFactory(venue=venue, configuration={"refund_policy": POLICY}))
    order = buy(fay, (TicketTypeFactory(event=show), 1), (today, 1))
    answer = ask(of=order)
    assert (answer.status_code, details(answer)) == (409, [("items[1]", "refund_too_late")])


def test_where_all_of_it_is_kept_nothing_is_given_up(ask, show):
    keep_all = {"refund_policy": {"until_hours_before_start": 0, "keep_percent": 100}}
    Event.objects.filter(pk=show.pk).update(configuration=keep_all)
    assert ask().json()["error"]["code"] == "not_refundable"
    assert set(Ticket.objects.values_list("status", flat=True)) == {"valid"}


def test_a_buyer_does_not_choose_an_amount(ask):
    assert ask(body={"amount": 1}).status_code == 403


def test_a_guest_refunds_with_the_access_code_and_nobody_without(ask, show, api):
    placed = api.post("/api/v1/orders", {
        "items": [{"type": "ticket", "id": str(TicketTypeFactory(event=show).pk), "quantity": 1}],
        "contact": {"email": "guest@example.com", "phone": "+12125550123"},
    }, format="json").json()  # fmt: skip
    code = {"HTTP_X_ORDER_ACCESS_CODE": placed["access_code"]}
    api.post(f"/api/v1/orders/{placed['id']}/pay", {}, **code)
    order = OrderRefund._meta.get_field("order").related_model.objects.get(pk=placed["id"])
    assert ask(by=None, of=order).status_code == 404
    said = ask(by=None, of=order, **code)
    assert said.status_code == 201
    assert api.get(url(order, said.json()["id"]), **code).json()["status"] == "succeeded"
    assert access.allows(order, placed["access_code"])


def test_another_fan_finds_no_such_order(ask):
    assert ask(by=UserFactory()).status_code == 404


def test_what_a_policy_keeps_stays_kept_over_single_pieces(order, fay):
    line = order.items.get().pk
    now = timezone.now()
    made = [
        refunding.request(order, asked=[AskedLine(line, 1)], by=fay, by_buyer=True, reason="Ill", now=now)
        for _ in range(2)
    ]
    assert [(each.amount, each.kept) for each in made] == [(4_500, 750), (4_500, 750)]
