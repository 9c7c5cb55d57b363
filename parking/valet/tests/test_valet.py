"""A car is handed over, parked, asked for, brought and given back; each step once, and only by who may."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from audit.models import AuditLog
from notifications.models import Notification
from parking.models import ParkingSession, SpaceUse, ValetTicket
from parking.valet import moves, pins, queue
from payments.models import Payment
from trufan.testing import CapacityFactory

pytestmark = pytest.mark.django_db
TICKETS = "/api/v1/parking/valet/tickets"


@pytest.fixture
def valet(lot):
    """Ten spaces of the valet's, for 20.00 flat."""
    return CapacityFactory(
        lot=lot, kind="valet", spaces=10, tariff={"version": 1, "base": {"type": "flat", "price": 2_000}}
    )


@pytest.fixture
def drop(valet, val):
    def take(plate="", **more):
        return moves.drop_off(valet.lot, moves.Dropped(plate=plate, **more), by=val, now=timezone.now())

    return take


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def act(api, who, ticket, what, **asked):
    return api.as_(who).post(f"{TICKETS}/{ticket.pk}/{what}", asked, format="json")


def pay(api, fay, ticket):
    url = f"/api/v1/parking/sessions/{ticket.session_id}/pay"
    return api.as_(fay).post(url, {"payment_method": "pm_card_visa"}, format="json")


def test_a_car_from_the_door_to_its_owner(api, fay, val, valet):
    asked = {
        "lot": str(valet.lot_id),
        "plate": "ABC 123",
        "vehicle": "Blue Volvo",
        "contact": {"email": "fay@example.com"},
    }
    taken = api.as_(val).post(TICKETS, asked, format="json")
    assert taken.status_code == 201
    assert (taken.json()["number"], taken.json()["status"], len(taken.json()["pin"])) == (1, "dropped_off", 5)
    ticket = ValetTicket.objects.get()
    ParkingSession.objects.update(user=fay)
    assert SpaceUse.objects.get().is_inside
    assert act(api, val, ticket, "park", place="P2 row C", key_tag="14").json()["status"] == "parked"
    wanted = act(api, fay, ticket, "request").json()
    assert (wanted["status"], wanted["place_in_queue"], wanted["minutes"]) == ("requested", 1, 10)
    assert act(api, val, ticket, "fetch").json()["status"] == "retrieving"
    assert act(api, val, ticket, "ready").json()["status"] == "ready"
    assert Notification.objects.get(template="valet_ready").recipient == "fay@example.com"
    refused = act(api, val, ticket, "hand-over", pin=taken.json()["pin"])
    assert (code(refused), refused.json()["error"]["details"][0]["message"]) == ((409, "stay_unpaid"), "2000")
    assert pay(api, fay, ticket).json()["status"] == "succeeded"
    assert act(api, val, ticket, "hand-over", pin=taken.json()["pin"]).json()["status"] == "handed_over"
    ticket.refresh_from_db()
    assert (ParkingSession.objects.get().status, SpaceUse.objects.filter(is_active=True).count()) == ("ended", 0)
    said = set(AuditLog.objects.filter(action__startswith="valet.").values_list("action", flat=True))
    assert said == {
        f"valet.{each}" for each in ("dropped_off", "parked", "requested", "retrieving", "ready", "handed_over")
    }


def test_numbers_are_the_smallest_free_ones(drop, val):
    first, second = drop(), drop()
    assert (first.number, second.number) == (1, 2)
    moves.cancel(first, by=val, now=timezone.now(), reason="Changed their mind")
    assert (drop().number, drop().number) == (1, 3)


def test_a_move_that_was_made_changes_nothing_and_one_that_is_not_allowed_is_refused(api, val, drop):
    ticket = drop()
    act(api, val, ticket, "request")
    rows = AuditLog.objects.count()
    assert act(api, val, ticket, "request").json()["status"] == "requested"
    assert AuditLog.objects.count() == rows
    assert code(act(api, val, ticket, "hand-over", reason="x")) == (409, "invalid_state")
    assert code(act(api, val, ticket, "cancel", reason="x")) == (409, "invalid_state")


def test_the_holder_of_a_paper_ticket_asks_with_number_and_pin(api, lot, drop):
    ticket = drop()
    asked = {"sign_code": lot.sign_code.lower(), "number": 1, "pin": pins.pin_for(ticket)}
    assert api.post("/api/v1/parking/valet/status", asked).json()["status"] == "dropped_off"
    answer = api.post("/api/v1/parking/valet/requests", asked)
    assert (answer.json()["status"], answer.json()["minutes"]) == ("requested", 10)
    ticket.refresh_from_db()
    assert ticket.requested_by == "ticket"
    assert code(api.post("/api/v1/parking/valet/requests", {**asked, "number": 9})) == (409, "not_valet_parked")


def test_wrong_pins_are_counted_and_only_staff_open_the_ticket_again(api, lot, drop, val):
    ticket = drop()
    wrong = {"lot": str(lot.pk), "number": 1, "pin": "x"}
    for _ in range(pins.MOST_WRONG):
        refused = api.post("/api/v1/parking/valet/status", wrong)
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "pin")
    right = {**wrong, "pin": pins.pin_for(ticket)}
    answer = act(api, val, ticket, "hand-over", pin=right["pin"])
    assert code(answer) == (409, "pin_locked")
    assert act(api, val, ticket, "reset-pin").status_code == 200
    pins.check(ticket, right["pin"])


def test_without_pin_or_unpaid_it_goes_with_a_reason(api, val, drop):
    ticket = drop()
    act(api, val, ticket, "ready")
    act(api, val, ticket, "request")
    act(api, val, ticket, "ready")
    refused = act(api, val, ticket, "hand-over")
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "pin")
    assert (
        act(api, val, ticket, "hand-over", reason="Showed ID; card machine is down").json()["status"] == "handed_over"
    )
    entry = AuditLog.objects.get(action="valet.handed_over")
    assert (entry.new_values["unpaid"], entry.new_values["reason"]) == (2_000, "Showed ID; card machine is down")


def test_the_queue_goes_by_the_time_that_is_wanted_and_learns_how_long_it_takes(api, val, lot, drop):
    now = timezone.now()
    for minutes in (3, 4, 5, 6, 60):
        done = drop()
        ValetTicket.objects.filter(pk=done.pk).update(
            status="handed_over", requested_at=now - timedelta(minutes=minutes), ready_at=now
        )
    later, soon, there = drop(), drop(), drop()
    moves.request(later, channel="desk", by=val, now=now, wanted_at=now + timedelta(minutes=40))
    moves.request(soon, channel="desk", by=val, now=now)
    moves.request(there, channel="desk", by=val, now=now - timedelta(minutes=5))
    moves.ready(there, by=val, now=now)
    assert [(each.ticket.pk, each.place, each.minutes) for each in queue.of(lot, now)] == [
        (there.pk, 0, 0), (soon.pk, 1, 5), (later.pk, 2, 40),
    ]  # fmt: skip
    shown = api.as_(val).get("/api/v1/parking/valet/queue", {"lot": str(lot.pk)}).json()
    assert (shown["minutes_each"], [car["number"] for car in shown["cars"]]) == (
        5,
        [there.number, soon.number, later.number],
    )


def test_the_queue_costs_the_same_however_long_it_is(val, lot, drop, django_assert_num_queries):
    for _ in range(4):
        moves.request(drop(), channel="desk", by=val, now=timezone.now())
    with django_assert_num_queries(2):
        assert len(queue.of(lot, timezone.now())) == 4


def picture(size=(40, 30), kind="JPEG"):
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return SimpleUploadedFile(f"car.{kind.lower()}", out.getvalue())


def test_pictures_and_incidents_are_for_staff_alone(api, fay, val, stan, olga, drop):
    ticket = drop(user=fay)
    url = f"{TICKETS}/{ticket.pk}/photos"
    added = api.as_(val).post(url, {"picture": picture(), "words": "Scratch"}, format="multipart")
    assert added.status_code == 201
    shown = api.as_(val).get(f"{url}/{added.json()['id']}")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    for who in (fay, stan):
        assert api.as_(who).get(f"{url}/{added.json()['id']}").status_code == 404
    bad = api.as_(val).post(url, {"picture": SimpleUploadedFile("x.jpg", b"no")}, format="multipart")
    assert (bad.status_code, bad.json()["error"]["details"][0]["field"]) == (422, "picture")
    reported = act(api, val, ticket, "incidents", words="The mirror touched a pillar.")
    assert reported.status_code == 201
    assert set(Notification.objects.filter(template="valet_incident").values_list("recipient", flat=True)) == {
        olga.email
    }
    assert act(api, val, ticket, "incidents", words=" ").status_code == 422


def test_strangers_and_fans_move_no_cars(api, fay, stan, gus, drop, valet):
    ticket = drop()
    assert api.as_(stan).post(TICKETS, {"lot": str(valet.lot_id)}).status_code == 404
    assert api.as_(gus).post(TICKETS, {"lot": str(valet.lot_id)}).status_code == 403
    for who, answer in ((stan, 404), (gus, 403), (fay, 404)):
        assert act(api, who, ticket, "park", place="A1").status_code == answer
        assert act(api, who, ticket, "ready").status_code == answer
    assert act(api, fay, ticket, "request").status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "dropped_off"


def test_a_tip_is_all_the_lots(api, fay, drop):
    ticket = drop(user=fay)
    answer = act(api, fay, ticket, "tip", amount=500, payment_method="pm_card_visa")
    assert (answer.json()["status"], answer.json()["amount"]) == ("succeeded", 500)
    assert Payment.objects.get().splits.get().amount == 500
    assert act(api, fay, ticket, "tip", amount=0).status_code == 422


def test_a_full_lot_and_one_without_a_valet_take_none(api, val, lot, capacity, valet):
    valet.spaces = 1
    valet.save()
    asked = {"lot": str(lot.pk)}
    assert api.as_(val).post(TICKETS, asked).status_code == 201
    assert code(api.as_(val).post(TICKETS, asked)) == (409, "no_space")
    valet.spaces = 0
    valet.save()
    refused = api.as_(val).post(TICKETS, asked)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "kind")
