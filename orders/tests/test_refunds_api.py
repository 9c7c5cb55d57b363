"""Refunds by staff: by line and ticket, by amount, in full; and what is refused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditLog
from notifications.models import Notification
from notifications.values import money
from orders import refunding
from orders.models import OrderRefund
from orders.refund_plan import AskedLine
from orders.tests.refunds import buy, details, send, url
from orders.tests.test_holds import counters, place
from payments import refunds
from payments.errors import RefundExceedsPayment
from payments.models import Refund
from ticketing.inventory_check import differences
from ticketing.models import Ticket
from trufan.testing import StaffFactory, TicketTypeFactory
from venues.models import VenueStaff


@pytest.fixture
def order(fay, ticket_type):
    return buy(fay, (ticket_type, 2))


@pytest.fixture
def line(order):
    return order.items.get()


@pytest.fixture
def ask(api, olga, order, django_capture_on_commit_callbacks):
    def post(by=olga, of=None, **body):
        with django_capture_on_commit_callbacks(execute=True):
            return api.as_(by).post(url(of or order), {"reason": "Rain", **body}, format="json")

    return post


def status_of(ticket):
    ticket.refresh_from_db()
    return ticket.status


def test_one_of_two_tickets_goes_back_and_the_other_stays(api, ask, olga, order, line, ticket_type):
    answer = ask(items=[{"id": str(line.pk), "quantity": 1}])

    assert answer.status_code == 201
    said = answer.json()
    assert (said["amount"], said["currency"], said["reason"], said["kept"]) == (5_000, "USD", "Rain", 0)
    assert (said["items"][0]["id"], said["items"][0]["quantity"]) == (str(line.pk), 1)
    assert api.as_(olga).get(url(order, said["id"])).json()["status"] == "succeeded"
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("paid", 5_000)
    assert (line.status, line.quantity_refunded) == ("fulfilled", 1)
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["refunded", "valid"]
    assert counters(ticket_type) == (0, 1)
    assert not list(differences())


def test_the_last_piece_ends_the_order(ask, order, line, ticket_type):
    for _ in range(2):
        assert ask(items=[{"id": str(line.pk), "quantity": 1}]).status_code == 201
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.status, order.amount_refunded, line.status) == ("refunded", 10_000, "revoked")
    assert counters(ticket_type) == (0, 0)


def test_the_tickets_to_void_can_be_named(ask, line):
    first, last = Ticket.objects.order_by("ordinal")
    said = ask(items=[{"id": str(line.pk), "tickets": [str(first.pk)]}]).json()
    assert said["items"][0]["tickets"] == [str(first.pk)]
    assert (status_of(first), status_of(last)) == ("refunded", "valid")


def test_unused_tickets_go_first_and_used_ones_last(ask, line):
    used, unused = Ticket.objects.order_by("-ordinal")
    used.move(Ticket.Status.USED, used_at=timezone.now())
    ask(items=[{"id": str(line.pk), "quantity": 1}])
    assert (status_of(used), status_of(unused)) == ("used", "refunded")
    ask(items=[{"id": str(line.pk), "quantity": 1}])
    assert status_of(used) == "refunded"


def test_an_amount_takes_nothing_back(ask, order, ticket_type):
    said = ask(amount=1_234).json()
    assert (said["kind"], said["amount"], said["items"]) == ("amount", 1_234, [])
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("paid", 1_234)
    assert counters(ticket_type) == (0, 2)
    mail = Notification.objects.get(template="order_refunded")
    assert (mail.context["amount"], mail.context["lines"]) == (money(1234, "USD"), [])


def test_after_an_amount_the_lines_give_what_is_left(ask, order, line):
    ask(amount=6_000)
    assert ask(items=[{"id": str(line.pk)}]).json()["amount"] == 4_000
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 10_000)


def test_without_lines_or_amount_all_that_is_left_goes_back(ask, order, line):
    ask(items=[{"id": str(line.pk), "quantity": 1}])
    said = ask().json()
    assert (said["kind"], said["amount"], said["items"][0]["quantity"]) == ("full", 5_000, 1)
    order.refresh_from_db()
    assert order.status == "refunded"


def test_a_free_line_stays_when_the_paid_one_goes_back_by_line(api, fay, olga, event, ticket_type, ask):
    free = TicketTypeFactory(event=event, price=0)
    order = buy(fay, (ticket_type, 1), (free, 1))
    paid_line, free_line = order.items.all()
    ask(of=order, items=[{"id": str(paid_line.pk)}])
    order.refresh_from_db()
    assert (order.status, counters(free)) == ("paid", (0, 1))
    said = ask(of=order, items=[{"id": str(free_line.pk)}]).json()
    assert (said["status"], said["amount"]) == ("succeeded", 0)
    order.refresh_from_db()
    assert (order.status, counters(free)) == ("refunded", (0, 0))


def test_the_mail_names_what_went_back(ask, line):
    ask(items=[{"id": str(line.pk), "quantity": 1}])
    mail = Notification.objects.get(template="order_refunded")
    assert mail.context["lines"] == [f"1 × {line.description}"]


def test_the_trail_says_who_asked_for_what(ask, olga, line):
    said = ask(items=[{"id": str(line.pk), "quantity": 1}]).json()
    asked = AuditLog.objects.get(action="order.refund_requested")
    assert (asked.actor, asked.new_values["refund"]) == (olga, said["id"])
    assert asked.new_values["lines"] == [{"item": str(line.pk), "quantity": 1}]
    assert AuditLog.objects.filter(action="order.refunded").count() == 1


def test_the_order_shows_its_refunds(api, fay, ask, order, line):
    ask(items=[{"id": str(line.pk), "quantity": 1}])
    shown = api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()
    assert [(each["status"], each["amount"]) for each in shown["refunds"]] == [("succeeded", 5_000)]
    assert shown["items"][0]["quantity_refunded"] == 1
    assert api.as_(fay).get(url(order)).json()["count"] == 1


def test_a_preview_says_what_would_go_back_and_does_nothing(api, olga, order, line):
    body = {"items": [{"id": str(line.pk), "quantity": 1}]}
    said = api.as_(olga).post(url(order, "preview"), body, format="json").json()
    assert (said["amount"], said["kept"], said["items"][0]["value"]) == (5_000, 0, 5_000)
    assert not OrderRefund.objects.exists()


def test_the_same_key_refunds_once(api, olga, order, line):
    body = {"items": [{"id": str(line.pk), "quantity": 1}], "reason": "Rain"}
    first, second = (api.as_(olga).post(url(order), body, format="json", HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert first.json() == second.json()
    assert OrderRefund.objects.count() == 1


# -- Pending and refused refunds --


def test_a_pending_refund_claims_its_lines_and_its_money(ask, olga, order, line):
    refunding.request(order, asked=[AskedLine(line.pk, 1)], by=olga, reason="Rain", now=timezone.now())
    answer = ask(items=[{"id": str(line.pk), "quantity": 2}])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "refund_refused")
    assert details(answer) == [("items[0].quantity", "already_refunded")]
    assert ask(amount=5_001).json()["error"]["code"] == "refund_exceeds_payment"
    assert ask(items=[{"id": str(line.pk), "quantity": 1}]).status_code == 201


def test_a_ticket_on_its_way_back_is_not_asked_for_again(ask, olga, order, line):
    ticket = Ticket.objects.first()
    asked = [AskedLine(line.pk, None, (ticket.pk,))]
    refunding.request(order, asked=asked, by=olga, reason="Rain", now=timezone.now())
    answer = ask(items=[{"id": str(line.pk), "tickets": [str(ticket.pk)]}])
    assert (answer.status_code, details(answer)) == (409, [("items[0]", "already_refunded")])


@pytest.fixture
def refused(fay, olga, ticket_type):
    """A refund that the provider refused."""
    order = buy(fay, (ticket_type, 1), method="pm_card_refundFail")
    asked = [AskedLine(order.items.get().pk)]
    refund = refunding.request(order, asked=asked, by=olga, reason="Rain", now=timezone.now())
    send(refund)
    return OrderRefund.objects.get(pk=refund.pk)


def test_what_the_provider_refuses_is_shown_and_its_lines_are_free_again(api, olga, ask, refused, ticket_type):
    order = refused.order
    assert api.as_(olga).get(url(order, str(refused.pk))).json()["status"] == "failed"
    assert (order.status, counters(ticket_type)) == ("paid", (0, 3))
    assert ask(of=order, items=[{"id": str(order.items.get().pk)}]).status_code == 201


def test_a_refused_refund_is_tried_again(refused, olga):
    part = refunds.retry(refused.parts.get(), by=olga, now=timezone.now())
    assert OrderRefund.objects.get(pk=refused.pk).status == "pending"
    assert not OrderRefund.objects.get(pk=refused.pk).has_lapsed
    assert part.round == 2


def test_a_refused_refund_is_not_tried_again_once_its_line_went_otherwise(refused, olga, ticket_type, fay):
    order = refused.order
    refunding.request(order, asked=[AskedLine(order.items.get().pk)], by=olga, reason="Rain", now=timezone.now())
    with pytest.raises(Exception, match="refunded otherwise"):
        refunds.retry(refused.parts.get(), by=olga, now=timezone.now())


# -- Refusals --


def test_a_line_of_another_order_is_no_line_of_this(ask, fay, ticket_type):
    foreign = buy(fay, (ticket_type, 1)).items.get()
    answer = ask(items=[{"id": str(foreign.pk)}])
    assert (answer.status_code, details(answer)) == (422, [("items[0].id", "not_found")])


def test_a_ticket_of_another_line_is_none_of_this(ask, line, fay, ticket_type):
    foreign = buy(fay, (ticket_type, 1)).tickets.get()
    answer = ask(items=[{"id": str(line.pk), "tickets": [str(foreign.pk)]}])
    assert (answer.status_code, details(answer)) == (422, [("items[0].tickets", "not_found")])
    foreign.refresh_from_db()
    assert foreign.status == "valid"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": []}, "items"),
        ({"amount": 0}, "amount"),
        ({"amount": 1, "reason": ""}, "reason"),
    ],
)
def test_what_says_nothing_is_refused(ask, body, field):
    answer = ask(**body)
    assert answer.status_code == 422
    assert details(answer)[0][0].startswith(field)


def test_lines_and_an_amount_are_not_refunded_in_one(ask, line):
    answer = ask(items=[{"id": str(line.pk)}], amount=1)
    assert (answer.status_code, details(answer)) == (422, [("amount", "invalid")])


def test_a_line_is_named_once(ask, line):
    answer = ask(items=[{"id": str(line.pk), "quantity": 1}] * 2)
    assert (answer.status_code, details(answer)) == (422, [("items[1].id", "invalid")])


def test_more_pieces_than_the_line_has_are_refused(ask, line):
    answer = ask(items=[{"id": str(line.pk), "quantity": 3}])
    assert (answer.status_code, details(answer)) == (409, [("items[0].quantity", "already_refunded")])


def test_more_money_than_was_paid_is_refused(ask, order):
    assert ask(amount=10_001).status_code == 409
    with pytest.raises(RefundExceedsPayment):
        refunding.request(order, amount=10_001, by=None, reason="Rain", now=timezone.now())


def test_an_unpaid_order_has_nothing_to_refund(ask, fay, ticket_type):
    assert ask(of=place(fay, (ticket_type, 1))).json()["error"]["code"] == "not_refundable"


def test_another_venues_staff_find_no_such_order(api, stan, ask, order, line):
    for answer in (
        ask(by=stan, amount=1),
        api.as_(stan).get(url(order)),
        api.as_(stan).post(url(order, "preview"), {}, format="json"),
    ):
        assert answer.status_code == 404
    assert not OrderRefund.objects.exists()


def test_a_refund_is_found_under_its_own_order_only(api, ask, olga, fay, order, ticket_type):
    said = ask(amount=1).json()
    other = buy(fay, (ticket_type, 1))
    assert api.as_(olga).get(url(other, said["id"])).status_code == 404


def test_staff_without_the_right_refund_nothing(ask, venue):
    kitchen = StaffFactory(user__role=Role.VENUE_STAFF, venue=venue, role=VenueStaff.Role.DOOR).user
    answer = ask(by=kitchen, amount=1)
    assert answer.status_code == 403
    assert not Refund.objects.exists()


def test_a_refund_of_many_lines_costs_no_more_queries(
    api, fay, olga, event, django_assert_max_num_queries, django_capture_on_commit_callbacks
):
    types = [TicketTypeFactory(event=event, name=f"Row {n}") for n in range(6)]
    order = buy(fay, *((each, 2) for each in types))
    items = [{"id": str(item.pk), "quantity": 1} for item in order.items.all()]
    caller = api.as_(olga)
    with django_assert_max_num_queries(33):
        assert caller.post(url(order), {"items": items, "reason": "Rain"}, format="json").status_code == 201
    with django_assert_max_num_queries(9):
        assert caller.get(url(order)).json()["results"][0]["items"][5]["quantity"] == 1
