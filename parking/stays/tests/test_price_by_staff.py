"""Staff say what a stay costs, or that its ticket is lost; with a reason, and in the history."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.models import ParkingCharge, ParkingSession
from parking.stays import charging, fees
from parking.stays.tests.parked import code, fresh, park, post, send_back, url
from payments.models import Payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(capacity, fay):
    return park(capacity, user=fay)


def test_what_staff_set_is_the_whole_price(api, fay, val, stay):
    answer = post(api, val, stay, "price", price=300, reason="The barrier was broken")

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["amount"], answer.json()["price_in_all"]) == (300, 300)
    assert post(api, fay, stay, "pay").json()["amount"] == 300
    entry = AuditLog.objects.get(action="parking_session.price_set")
    assert (entry.new_values["price"], entry.new_values["reason"], entry.actor_id) == (
        300, "The barrier was broken", val.pk,
    )  # fmt: skip


def test_what_was_paid_counts_less_what_was_given_back(api, fay, olga, val, stay):
    post(api, fay, stay, "pay")
    assert post(api, val, stay, "price", price=500, reason="Too much").json()["amount"] == 0
    charge = ParkingCharge.objects.get()
    charging.refund(charge, amount=350, by=olga, reason="Too much", now=timezone.now())
    send_back(charge)
    assert fees.due(fresh(stay), timezone.now()).amount == 150


def test_taken_back_the_tariff_is_asked_again(api, val, stay):
    post(api, val, stay, "price", price=0, reason="A guest")
    assert post(api, val, stay, "price", price=None, reason="No guest after all").json()["amount"] == 700
    assert fresh(stay).price_reason == ""


def test_what_waited_to_be_paid_is_given_up(api, fay, val, stay):
    post(api, fay, stay, "pay", payment_method="pm_card_authenticationRequired")
    post(api, val, stay, "price", price=300, reason="The barrier was broken")
    assert ParkingCharge.objects.get().status == "cancelled"
    assert post(api, fay, stay, "pay").json()["amount"] == 300


def test_a_lost_ticket_costs_at_least_the_lots_price_for_it(api, fay, val, lot, capacity, stay):
    lot.lost_ticket_price = 3_000
    lot.save()
    answer = post(api, val, stay, "lost-ticket").json()
    assert (answer["amount"], answer["kind"], sum(part["amount"] for part in answer["parts"])) == (
        3_000, "lost_ticket", 3_000,
    )  # fmt: skip
    assert post(api, fay, stay, "pay").json()["amount"] == 3_000
    assert ParkingCharge.objects.get().kind == "lost_ticket"
    assert fees.due(fresh(stay), timezone.now()).amount == 0
    dear = park(capacity, minutes=24 * 60 - 5, user=fay)
    assert post(api, val, dear, "lost-ticket").json()["amount"] == 4_000


def test_where_the_lot_has_no_such_price_staff_name_one(api, val, stay):
    refused = post(api, val, stay, "lost-ticket")
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["price"]
    assert not fresh(stay).is_ticket_lost
    assert post(api, val, stay, "lost-ticket", price=1_500, reason="Came at noon").json()["amount"] == 1_500
    assert AuditLog.objects.filter(action="parking_session.ticket_lost", entity_id=stay.pk).exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"price": -1, "reason": "Below"}, "price"), ({"price": 100}, "reason"), ({"price": 100, "reason": " "}, "reason"),
     ({"reason": "No price"}, "price")],
)  # fmt: skip
def test_a_price_without_reason_or_below_nothing_is_refused(api, val, stay, asked, field):
    answer = post(api, val, stay, "price", **asked)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]
    assert fresh(stay).price_set is None


def test_only_who_runs_the_lot_sets_prices(api, fay, gus, stan, stay):
    for what in ("price", "lost-ticket"):
        answers = [post(api, who, stay, what, price=1, reason="Mine").status_code for who in (gus, fay, stan, None)]
        assert answers[0] in (403, 404) and answers[1] in (403, 404)
        assert answers[2:] == [404, 401]
    assert fresh(stay).price_set is None


def test_a_stay_that_never_was_has_no_price(api, val, stay):
    ParkingSession.objects.update(status="void", ended_at=timezone.now())
    assert code(post(api, val, stay, "price", price=100, reason="Never was")) == (409, "session_over")
    assert not Payment.objects.exists()
    assert api.as_(val).get(url(stay, "due")).json()["amount"] == 0
