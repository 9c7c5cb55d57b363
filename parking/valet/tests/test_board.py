"""The valet's board in the console: what it shows, what a touch does, and to whom it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditLog
from parking.models import ValetIncident, ValetPhoto, ValetTicket
from parking.valet import moves, pins, screens, touches
from parking.valet.tests.cars import picture
from trufan.testing import CapacityFactory, LotFactory
from trufan.tests.console_client import as_, buttons_on, press, url

pytestmark = pytest.mark.django_db
BY_SCRIPT = {"HTTP_X_SCREEN_PART": "1"}


@pytest.fixture
def board(valet):
    return screens.board_url(valet.lot)


def text(answer):
    return answer.content.decode()


def test_who_runs_one_lot_is_led_to_its_board(val, board, venue):
    lots = reverse("admin:parking_valetticket_board")
    assert as_(val).get(lots).url == board
    CapacityFactory(lot=LotFactory(venue=venue, name="South Lot"), kind="valet")
    assert "South Lot" in text(as_(val).get(lots))


def test_only_who_runs_the_lot_sees_it(fay, gus, stan, drop, board):
    sheet = screens.sheet_url(drop())
    for address in (board, sheet, f"{board}new/"):
        assert [as_(who).get(address).status_code for who in (gus, stan)] == [403, 404]
        assert as_(fay).get(address).status_code == 302
        assert [as_(who).post(address, {"deed": "request"}).status_code for who in (gus, stan)] == [403, 404]
    assert ValetTicket.objects.get().status == "dropped_off"


def test_a_touch_moves_a_car_and_one_that_is_refused_says_why(val, drop, board):
    ticket = drop()
    moves.park(ticket, place="A1", by=val, now=timezone.now())
    touched = as_(val).post(board, {"move": f"{ticket.pk}:request"}, **BY_SCRIPT)
    assert (touched.status_code, "is wanted" in text(touched), f"{ticket.pk}:leave-parked" in text(touched)) == (
        200, True, True,
    )  # fmt: skip
    as_(val).post(board, {"move": f"{ticket.pk}:ready"})
    refused = as_(val).post(board, {"move": f"{ticket.pk}:fetch"}, **BY_SCRIPT)
    assert "data-notice" in text(refused)
    assert as_(val).post(board, {"move": f"{ticket.pk}:fetch"}).status_code == 409
    ticket.refresh_from_db()
    assert ticket.status == "ready"
    for move in (f"{ticket.pk}:cancel", "x:ready", "", f"{ticket.lot_id}:ready"):
        assert as_(val).post(board, {"move": move}).status_code == 404


def test_the_script_is_told_only_what_is_new(val, drop, board):
    browser, ticket = as_(val), drop()
    first = browser.get(board, **BY_SCRIPT)
    assert browser.get(board, HTTP_IF_NONE_MATCH=first["ETag"], **BY_SCRIPT).status_code == 304
    moves.park(ticket, place="A1", by=val, now=timezone.now())
    assert browser.get(board, HTTP_IF_NONE_MATCH=first["ETag"], **BY_SCRIPT).status_code == 200


def test_a_car_is_looked_for(val, drop, board):
    drop("KLM 500", vehicle="Red Fiat")
    drop("XYZ 900", vehicle="Blue Volvo")
    for words, found in (("klm5OO", "Red Fiat"), ("2", "Blue Volvo"), ("volvo", "Blue Volvo"), ("", "Red Fiat")):
        shown = text(as_(val).get(board, {"q": words}))
        assert found in shown
        assert ("Red Fiat" in shown and "Blue Volvo" in shown) == (not words)


def test_the_board_costs_the_same_however_many_cars_there_are(val, drop, board, django_assert_max_num_queries):
    for n in range(6):
        ticket = drop(f"ABC 10{n}")
        if n % 2:
            moves.request(ticket, channel="desk", by=val, now=timezone.now())
    browser = as_(val)
    browser.get(board, **BY_SCRIPT)
    with django_assert_max_num_queries(9):
        browser.get(board, **BY_SCRIPT)


def test_a_long_column_says_how_many_more_there_are(val, drop, board, monkeypatch):
    monkeypatch.setattr(screens, "MOST", 2)
    for _ in range(3):
        drop()
    assert "1 more" in text(as_(val).get(board))


def test_a_car_is_taken_and_its_pin_shown_once(val, board):
    browser = as_(val)
    asked = {"plate": "abc 1234", "vehicle": "Blue Volvo", "email": "fay@example.com", "phone": "+12125550123"}
    made = browser.post(f"{board}new/", asked)
    ticket = ValetTicket.objects.get()
    assert made.url == screens.sheet_url(ticket)
    assert (ticket.session.plate, str(ticket.session.contact_phone)) == ("ABC 1234", "+12125550123")
    pin = pins.pin_for(ticket)
    assert [pin in text(browser.get(made.url)) for _ in range(2)] == [True, False]
    assert pin not in text(as_(val).get(made.url))


def test_a_form_that_is_wrong_says_where_and_takes_no_car(val, board):
    wrong = {"plate": "?", "vehicle": "Blue Volvo", "phone": "12", "email": "no"}
    for asked, words in (
        (wrong, "valid phone number"),
        (wrong, "valid email"),
        ({"plate": "?"}, "letters and digits"),
        ({"code": "PR1.x"}, "no code of a reservation"),
    ):
        refused = as_(val).post(f"{board}new/", asked)
        assert (refused.status_code, words in text(refused)) == (409, True)
    assert "Blue Volvo" in text(as_(val).post(f"{board}new/", wrong))
    assert not ValetTicket.objects.exists()


def test_everything_is_done_on_a_cars_page(val, drop):
    ticket, browser = drop(), as_(val)
    page = screens.sheet_url(ticket)

    def do(deed, **asked):
        answer = browser.post(page, {"deed": deed, **asked})
        ticket.refresh_from_db()
        return answer.status_code, ticket.status

    assert do("park", place="A1", key_tag="7") == (302, "parked")
    assert do("photo", picture=picture(), words="Scratch") == (302, "parked")
    assert do("incident", words="Mirror", picture=picture()) == (302, "parked")
    assert (ValetIncident.objects.get().photos.count(), ValetPhoto.objects.count()) == (1, 2)
    assert do("incident", words="Mirror", picture=picture(kind="GIF"))[0] == 409
    assert ValetIncident.objects.count() == 1
    assert do("request") == (302, "requested")
    assert do("fetch") == (302, "retrieving")
    assert do("put-back") == (302, "requested")
    assert do("ready") == (302, "ready")
    assert do("hand-over", pin="x")[0] == 409
    assert do("hand-over", pin=pins.pin_for(ticket)) == (409, "ready")
    assert do("hand-over", pin=pins.pin_for(ticket), unpaid="yes", reason="Machine is down") == (302, "handed_over")
    assert do("photo")[0] == 409
    assert do("steal") == (404, "handed_over")
    image = screens.photo_url(ValetPhoto.objects.first())
    assert browser.get(image)["Content-Type"] == "image/jpeg"


def test_pictures_are_shown_to_no_one_else(gus, stan, val, drop):
    ticket = drop()
    as_(val).post(screens.sheet_url(ticket), {"deed": "photo", "picture": picture()})
    image = screens.photo_url(ValetPhoto.objects.get())
    assert [as_(who).get(image).status_code for who in (gus, stan)] == [403, 404]


@pytest.mark.parametrize(
    ("now", "asked", "wanted"),
    [
        ("2026-07-03T20:00-04:00", "22:30", "2026-07-03T22:30-04:00"),
        ("2026-07-03T23:50-04:00", "00:30", "2026-07-04T00:30-04:00"),
        ("2026-10-31T23:50-04:00", "03:30", "2026-11-01T03:30-05:00"),
    ],
)
def test_a_time_is_the_next_that_the_venues_clocks_show(now, asked, wanted):
    found = touches.next_time(asked, ZoneInfo("America/New_York"), datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(wanted)


def test_a_car_is_wanted_at_a_time(val, drop):
    ticket, browser = drop(), as_(val)
    asked = timezone.now().astimezone(ticket.lot.zone) + timedelta(hours=2)
    browser.post(screens.sheet_url(ticket), {"deed": "request", "wanted_at": f"{asked:%H:%M}"})
    ticket.refresh_from_db()
    assert ticket.wanted_at == asked.replace(second=0, microsecond=0)
    refused = browser.post(screens.sheet_url(ticket), {"deed": "request", "wanted_at": "late"})
    assert (refused.status_code, "22:30" in text(refused)) == (409, True)


def test_the_page_of_a_ticket_tells_its_history_and_lets_the_pin_be_tried_again(val, olga, drop):
    ticket = drop("ABC 1234")
    page = text(as_(val).get(url(ValetTicket, "change", ticket.pk)))
    assert "ABC 1234" in page and "Open it at the board" in page
    assert buttons_on(val, ticket) == set()
    ValetTicket.objects.update(wrong_pins=pins.MOST_WRONG, status="ready")
    ticket.refresh_from_db()
    assert buttons_on(val, ticket) == {"hand-over", "reset-pin"}
    press(val, ticket, "reset-pin")
    press(val, ticket, "hand-over", reason="Lost the paper, showed ID")
    ticket.refresh_from_db()
    assert (ticket.wrong_pins, ticket.status) == (0, "handed_over")
    assert AuditLog.objects.filter(action="valet.handed_over").count() == 1
