"""The board at the lot: who is inside, what they owe, and what a steward does about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from orders.models import Order
from parking.board import inside
from parking.models import GateEvent, ParkingCapacity, ParkingLot, ParkingSession, ParkingSpace
from parking.stays import fees
from parking.stays.tests.parked import park, reserve
from parking.vehicles import plates
from trufan.testing import CapacityFactory, EventFactory, LotFactory, TaxRateFactory
from trufan.tests.console_client import as_

SCRIPT = {"HTTP_X_SCREEN_PART": "1"}
NAME = "admin:parking_parkinglot_board"


def board(lot: ParkingLot) -> str:
    return reverse(f"{NAME}_lot", args=[lot.pk])


def sheet(stay: ParkingSession) -> str:
    return reverse(f"{NAME}_stay", args=[stay.lot_id, stay.pk])


def gate(lot: ParkingLot, direction: str) -> str:
    return reverse(f"{NAME}_gate", args=[lot.pk, direction])


def car(capacity: ParkingCapacity, plate: str, **how: Any) -> ParkingSession:
    return park(capacity, plate=plate, plate_key=plates.key(plate), **how)


# -- What is shown --


def test_the_overview_shows_every_lot_and_kind(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    car(capacity, "ABC 1234")
    CapacityFactory(lot=lot, kind="ev", spaces=3, multiplier_ppm=1_200_000)

    text = as_(val).get(reverse(NAME)).content.decode()

    for expected in ("North Lot", "EV Charging", "× 1.2", "<b>22</b> free of 23", "<b>1</b> inside"):
        assert expected.lower() in text.lower()


def test_a_place_without_lots_says_what_to_do(val: User) -> None:
    assert "There is no lot yet" in as_(val).get(reverse(NAME)).content.decode()


def test_who_is_over_time_stands_first_and_owes(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    now = timezone.now()
    car(capacity, "EARLY 1", minutes=300)
    car(capacity, "LATE 1", minutes=200, until=-120)

    rows = inside.inside(lot, now).rows

    assert [row.stay.plate for row in rows] == ["LATE 1", "EARLY 1"]
    assert [row.is_late for row in rows] == [True, False]
    assert rows[1].to_pay == "$21.00"
    assert "2 h 00 over" in as_(val).get(board(lot)).content.decode()


def test_who_paid_its_overstay_and_has_the_grace_to_leave_is_not_late(
    lot: ParkingLot, capacity: ParkingCapacity
) -> None:
    now = timezone.now()
    car(capacity, "PAID 1", minutes=200, until=-120, leave_by=now + timedelta(minutes=10))
    car(capacity, "GONE 1", minutes=200, leave_by=now - timedelta(minutes=10))

    rows = {row.stay.plate: row for row in inside.inside(lot, now).rows}

    assert {plate: row.is_late for plate, row in rows.items()} == {"PAID 1": False, "GONE 1": True}
    assert rows["PAID 1"].is_to_leave
    assert inside.late_by_lot([lot], now) == {lot.pk: 1}


@pytest.mark.parametrize("search", ["1234", "abc-12", "A8C", "P7"])
def test_a_car_is_found_by_what_the_mud_leaves_of_its_plate(
    lot: ParkingLot, capacity: ParkingCapacity, val: User, search: str
) -> None:
    car(capacity, "ABC 1234", space=ParkingSpace.objects.create(lot=lot, number="P7"))
    car(capacity, "XYZ 9999")

    text = as_(val).get(board(lot), {"q": search}).content.decode()

    assert "ABC 1234" in text
    assert "XYZ 9999" not in text


def test_a_search_that_finds_nothing_says_so(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    assert "No car inside has this plate" in as_(val).get(board(lot), {"q": "QQQ"}).content.decode()


def test_the_script_is_answered_with_what_changed_alone(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    client = as_(val)
    first = client.get(board(lot), **SCRIPT)
    assert b"<html" not in first.content
    assert client.get(board(lot), HTTP_IF_NONE_MATCH=first["ETag"], **SCRIPT).status_code == 304

    car(capacity, "ABC 1234")

    again = client.get(board(lot), HTTP_IF_NONE_MATCH=first["ETag"], **SCRIPT)
    assert again.status_code == 200
    assert b"ABC 1234" in again.content


def test_the_board_takes_as_many_queries_for_many_cars_as_for_few(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User
) -> None:
    ParkingLot.objects.update(
        tariff=lot.tariff | {"event": {"price": 3000, "minutes_before_doors": 60, "minutes_after_end": 0}}
    )
    capacity.refresh_from_db()

    def queries() -> int:
        client = as_(olga)
        client.get(board(lot))
        with CaptureQueriesContext(connection) as taken:
            assert client.get(board(lot)).status_code == 200
        return len(taken)

    for n in range(2):
        car(capacity, f"FEW {n}00")
    EventFactory(venue=lot.venue)
    few = queries()
    for n in range(15):
        car(capacity, f"MANY {n}00", minutes=60 + n)
        EventFactory(venue=lot.venue)

    assert queries() == few


def test_the_overview_takes_as_many_queries_for_many_lots_as_for_few(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User
) -> None:
    def queries() -> int:
        client = as_(olga)
        client.get(reverse(NAME))
        with CaptureQueriesContext(connection) as taken:
            assert client.get(reverse(NAME)).status_code == 200
        return len(taken)

    few = queries()
    for _ in range(7):
        for kind in ("standard", "ev"):
            car(CapacityFactory(lot=LotFactory(venue=lot.venue), kind=kind), "ABC 1234")
    assert queries() == few


def test_the_sheet_tells_what_the_driver_pays_to_the_cent(
    lot: ParkingLot, capacity: ParkingCapacity, val: User
) -> None:
    TaxRateFactory(venue=lot.venue, category="parking", rate_ppm=100_000)

    page = as_(val).get(sheet(car(capacity, "ABC 1234", minutes=70)))

    text = page.content.decode()
    for expected in ("$7.70", "Tax", "$0.70", "Open the exit unpaid"):
        assert expected in text


# -- What is done --


def test_a_car_is_let_in_by_its_plate(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    client = as_(val)
    assert client.get(gate(lot, "entry")).status_code == 200

    answer = client.post(gate(lot, "entry"), {"plate": "abc 1234", "nonce": "one"}, follow=True)

    assert "The car is in." in answer.content.decode()
    stay = ParkingSession.objects.get()
    assert (stay.plate, stay.status) == ("ABC 1234", "active")
    client.post(gate(lot, "entry"), {"plate": "abc 1234", "nonce": "one"})
    assert ParkingSession.objects.count() == GateEvent.objects.count() == 1


def test_a_car_without_a_plate_is_taken_in(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    as_(val).post(gate(lot, "entry"), {"plate": "", "kind": "standard"})
    assert ParkingSession.objects.get().origin == "staff"


def test_a_full_lot_lets_in_for_a_reason_alone(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    ParkingCapacity.objects.update(spaces=1)
    car(capacity, "FIRST 1")
    client, asked = as_(val), {"plate": "ABC 1234", "kind": "standard"}

    shut = client.post(gate(lot, "entry"), asked)
    assert shut.status_code == 409
    assert "The lot is full." in shut.content.decode()
    assert "Open it all the same?" in shut.content.decode()
    assert ParkingSession.objects.count() == 1

    client.post(gate(lot, "entry"), asked | {"reason": "Guest of the house"})
    event = GateEvent.objects.get(is_open=True)
    assert (event.reason, event.override, event.gate) == ("full", "Guest of the house", "Board")
    assert ParkingSession.objects.filter(plate="ABC 1234", status="active").exists()


def test_an_expected_car_is_let_in_with_its_reservation(
    lot: ParkingLot, capacity: ParkingCapacity, val: User, fay: User
) -> None:
    now = timezone.now()
    order = Order.objects.create(venue=lot.venue, user=fay, status="paid", currency="USD", paid_at=now)
    booked = reserve(capacity, order, now - timedelta(minutes=5), now + timedelta(hours=3), 2_000)
    client = as_(val)
    assert str(booked.pk) in client.get(board(lot)).content.decode()

    client.post(gate(lot, "entry"), {"reservation": booked.pk, "plate": "NEW 123"})

    booked.refresh_from_db()
    assert (booked.status, ParkingSession.objects.get().reservation) == ("inside", booked)


def test_a_reservation_of_another_lot_is_not_used(
    lot: ParkingLot, capacity: ParkingCapacity, val: User, fay: User
) -> None:
    now = timezone.now()
    order = Order.objects.create(venue=lot.venue, user=fay, status="paid", currency="USD", paid_at=now)
    other = CapacityFactory(lot=LotFactory(venue=lot.venue))
    booked = reserve(other, order, now - timedelta(minutes=5), now + timedelta(hours=3), 2_000)

    as_(val).post(gate(lot, "entry"), {"reservation": booked.pk, "plate": "NEW 123"})

    booked.refresh_from_db()
    assert booked.status == "confirmed"


def test_a_plate_that_is_none_is_refused_in_words(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    answer = as_(val).post(gate(lot, "entry"), {"plate": "!"})
    assert answer.status_code == 409
    assert "A number plate has" in answer.content.decode()
    assert not GateEvent.objects.exists()


def test_a_car_that_owes_leaves_for_a_reason_alone(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    stay, client = car(capacity, "ABC 1234"), as_(val)

    shut = client.post(gate(lot, "exit"), {"plate": "ABC 1234"})
    assert "Pay $7.00 before leaving." in shut.content.decode()
    stay.refresh_from_db()
    assert stay.status == "active"

    client.post(sheet(stay), {"deed": "let-out-unpaid", "reason": "Paid in cash"})
    stay.refresh_from_db()
    assert stay.status == "ended"
    assert GateEvent.objects.get(is_open=True).override == "Paid in cash"


def test_a_car_that_owes_nothing_is_let_out_with_one_touch(
    lot: ParkingLot, capacity: ParkingCapacity, val: User
) -> None:
    stay = car(capacity, "ABC 1234", price_set=0)
    text = as_(val).get(sheet(stay)).content.decode()
    assert "Open the exit" in text
    assert "Open the exit unpaid" not in text

    as_(val).post(sheet(stay), {"deed": "let-out"})

    stay.refresh_from_db()
    assert stay.status == "ended"


def test_one_touch_does_not_let_out_who_owes(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    stay = car(capacity, "ABC 1234")

    answer = as_(val).post(sheet(stay), {"deed": "let-out"})

    assert answer.status_code == 409
    assert "$7.00 is to be paid first." in answer.content.decode()
    stay.refresh_from_db()
    assert stay.status == "active"


def test_what_is_noted_and_put_right_is_told_on_the_sheet(
    lot: ParkingLot, capacity: ParkingCapacity, val: User
) -> None:
    stay, client = car(capacity, "ABC 1234"), as_(val)
    ParkingSpace.objects.create(lot=lot, number="P7")

    client.post(sheet(stay), {"deed": "note", "note": "Lights are on"})
    client.post(sheet(stay), {"deed": "move", "space": "p7"})
    client.post(sheet(stay), {"deed": "price", "price": "3.50", "reason": "Gate was broken"})
    client.post(sheet(stay), {"deed": "end", "reason": "Left unseen"})
    done = client.post(sheet(stay), {"deed": "reopen", "reason_given": "Came back at once", "reason": "x"}, follow=True)

    text = done.content.decode()
    for expected in ("Lights are on", "P7", "$3.50", "Gate was broken", "Left unseen", "Came back at once"):
        assert expected in text
    stay.refresh_from_db()
    assert (stay.status, stay.price_set, stay.space.number) == ("active", 350, "P7")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deed": "note", "note": ""}, "Say why."),
        ({"deed": "price", "price": "a lot", "reason": "Because"}, "not an exact amount"),
        ({"deed": "move", "space": "Z99"}, "has no space Z99"),
        ({"deed": "void", "reason": ""}, "Say why."),
        ({"deed": "lost-ticket", "reason": "Lost ticket"}, "no price for a lost ticket"),
    ],
)
def test_a_deed_that_is_refused_changes_nothing_and_says_why(
    capacity: ParkingCapacity, val: User, given: dict[str, str], said: str
) -> None:
    stay = car(capacity, "ABC 1234")
    before = (ParkingSession.objects.values().get(), AuditLog.objects.count())

    answer = as_(val).post(sheet(stay), given)

    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert (ParkingSession.objects.values().get(), AuditLog.objects.count()) == before


def test_an_unknown_deed_or_direction_is_not_found(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    assert as_(val).post(sheet(car(capacity, "ABC 1234")), {"deed": "sell"}).status_code == 404
    assert as_(val).get(gate(lot, "roof")).status_code == 404


def test_what_is_read_ahead_for_many_stays_comes_to_what_each_owes(lot: ParkingLot, capacity: ParkingCapacity) -> None:
    now = timezone.now()
    own = {"price": 3000, "minutes_before_doors": 60, "minutes_after_end": 0}
    ParkingLot.objects.update(tariff=lot.tariff | {"event": own})
    capacity.refresh_from_db()
    EventFactory(venue=lot.venue)
    car(capacity, "PAID 1", minutes=300)
    stay = car(capacity, "LATE 1", minutes=500, until=-60)
    stay.charges.create(
        lot=lot, kind="stay", status="paid", description="Parking", price=700, net=700, amount_total=700,
        amount_paid=700, currency="USD", paid_at=now, covers_until=stay.expires_at,
    )  # fmt: skip

    together = {row.stay.pk: row.due for row in inside.inside(lot, now).rows}
    alone = {each.pk: fees.due(each, now) for each in ParkingSession.objects.with_lot()}

    assert together == alone
    assert any(due.amount for due in alone.values())
