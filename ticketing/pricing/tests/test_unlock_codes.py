"""Hidden ticket types are seen and sold with a code that opens them, and by nobody who merely knows of them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders import cancellation, expiry
from orders.cart import cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.models import Order
from ticketing.inventory_check import differences
from ticketing.models import TicketType, UnlockCode
from ticketing.pricing.tests.shop import ORDERS, PREVIEW, cart, line, pay, problems
from trufan.lib import throttling
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once
from trufan.tests.console_client import as_, press, url

HOUR = timedelta(hours=1)


@pytest.fixture
def hidden(event, ticket_type) -> TicketType:
    """Beside a type that everybody sees."""
    return TicketTypeFactory(event=event, name="Members", visibility="hidden", price=3_000)


@pytest.fixture
def code(hidden) -> UnlockCode:
    return unlock(hidden, "MEMBERS26")


def unlock(kind, word, **more) -> UnlockCode:
    row = UnlockCode.objects.create(event=kind.event, code=word, **more)
    row.ticket_types.set([kind])
    return row


def codes_of(event, *rest):
    return "/".join([f"/api/v1/events/{event.pk}/unlock-codes", *rest])


def listing(event):
    return f"/api/v1/events/{event.pk}/ticket-types"


def used(code) -> int:
    code.refresh_from_db()
    return code.used


def test_a_code_shows_what_it_opens_however_it_is_typed(api, fay, event, code):
    assert [row["name"] for row in api.get(listing(event)).json()["results"]] == ["General Admission"]
    for typed in ("MEMBERS26", "members26", " Members 26 "):
        rows = api.as_(fay).get(listing(event), {"unlock": typed}).json()["results"]
        assert [row["name"] for row in rows] == ["General Admission", "Members"]
        assert "visibility" not in rows[1]


@pytest.mark.parametrize("change", [{"is_active": False}, {"starts_at": HOUR}, {"ends_at": -HOUR}, {"code": "OTHER"}])
def test_a_code_that_is_none_opens_nothing(api, fay, event, hidden, code, change):
    now = timezone.now()
    UnlockCode.objects.update(**{
        name: now + value if isinstance(value, timedelta) else value for name, value in change.items()
    })  # fmt: skip
    answer = api.get(listing(event), {"unlock": "MEMBERS26"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unlock_not_valid")
    answer = api.as_(fay).post(ORDERS, cart(line(hidden), unlock_codes=["MEMBERS26"]))
    assert (answer.status_code, problems(answer)) == (422, [("unlock_codes[0]", "unlock_not_valid")])
    assert not Order.objects.exists()


def test_it_is_sold_with_the_code_alone(api, fay, hidden, code):
    for address in (PREVIEW, ORDERS):
        answer = api.as_(fay).post(address, cart(line(hidden)))
        assert (answer.status_code, problems(answer)) == (422, [("items[0].id", "not_for_sale")])
    placed = api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=["members26"]))
    assert (placed.status_code, placed.json()["total"], used(code)) == (201, 6_000, 2)
    pay(api.as_(fay), placed.json())
    assert used(code) == 2
    assert list(differences()) == []


def test_a_code_of_another_event_opens_nothing(api, fay, venue, hidden):
    other = TicketTypeFactory(event=EventFactory(venue=venue), visibility="hidden")
    unlock(other, "ELSEWHERE")
    answer = api.as_(fay).post(ORDERS, cart(line(hidden), unlock_codes=["ELSEWHERE"]))
    assert problems(answer) == [("unlock_codes[0]", "unlock_not_valid")]
    assert api.get(listing(hidden.event), {"unlock": "ELSEWHERE"}).status_code == 422


def test_it_is_good_for_so_many_tickets(api, fay, hidden, code):
    UnlockCode.objects.update(max_uses=3)
    assert api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=["MEMBERS26"])).status_code == 201
    for address in (PREVIEW, ORDERS):
        answer = api.as_(fay).post(address, cart(line(hidden, 2), unlock_codes=["MEMBERS26"]))
        assert (answer.status_code, problems(answer)) == (422, [("items[0].quantity", "unlock_used_up")])
    second = unlock(hidden, "SECOND")
    both = ["MEMBERS26", "SECOND"]
    assert api.as_(fay).post(ORDERS, cart(line(hidden, 1), unlock_codes=both)).status_code == 201
    assert (used(code), used(second)) == (3, 0)
    assert api.as_(fay).post(ORDERS, cart(line(hidden, 1), unlock_codes=both)).status_code == 201
    assert (used(code), used(second)) == (3, 1)


def test_a_cart_that_ends_unpaid_gives_its_uses_back(api, fay, hidden, code):
    placed = api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=["MEMBERS26"])).json()
    cancellation.cancel(Order.objects.get(pk=placed["id"]), by=fay, now=timezone.now())
    assert used(code) == 0
    api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=["MEMBERS26"]))
    expiry.expire_overdue(timezone.now() + HOUR)
    assert used(code) == 0
    assert list(differences()) == []


def test_a_changed_order_keeps_what_was_opened_and_opens_no_more_without_the_code(api, fay, hidden, ticket_type, code):
    placed = api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=["MEMBERS26"])).json()
    address = f"{ORDERS}/{placed['id']}"
    changed = api.as_(fay).patch(address, cart(line(hidden, 1), line(ticket_type, 1)))
    assert (changed.status_code, used(code)) == (200, 1)
    assert api.as_(fay).patch(address, {"event": None}).status_code == 200
    more = cart(line(hidden, 3))
    assert api.as_(fay).patch(address, {**more, "unlock_codes": ["WRONG"]}).status_code == 422
    assert (api.as_(fay).patch(address, {**more, "unlock_codes": ["MEMBERS26"]}).status_code, used(code)) == (200, 3)
    assert api.as_(fay).patch(address, cart(line(ticket_type, 1))).status_code == 200
    assert used(code) == 0


def test_wrong_codes_are_counted_as_guesses(api, fay, hidden, code, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "promo_code": 3}
    throttling.reset()
    for address in (PREVIEW, ORDERS):
        assert api.as_(fay).post(address, cart(line(hidden), unlock_codes=["GUESS"])).status_code == 422
    assert api.as_(fay).get(listing(hidden.event), {"unlock": "GUESS"}).status_code == 422
    assert api.as_(fay).get(listing(hidden.event), {"unlock": "MEMBERS26"}).status_code == 429
    assert api.as_(fay).post(PREVIEW, cart(line(hidden), unlock_codes=["MEMBERS26"])).status_code == 429


@pytest.mark.parametrize("standing", [Standing.STAFF, Standing.INVITED])
def test_staff_and_whose_turn_it_is_need_no_code(fay, hidden, standing):
    lines = cart_lines([("ticket", hidden.pk, 1)])
    placed = place_order(lines, user=fay, contact=Contact(), now=timezone.now(), standing=standing)
    assert placed.all_lines()[0].item_id == hidden.pk


@pytest.mark.parametrize("codes", ["MEMBERS26", [1, {}], ["A" * 61], ["X"] * 11])
def test_garbage_is_refused(api, fay, hidden, codes):
    assert api.as_(fay).post(ORDERS, cart(line(hidden), unlock_codes=codes)).status_code == 422


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_more_than_its_uses_are_had_at_once(hidden, code):
    UnlockCode.objects.update(max_uses=3)
    fans = [UserFactory() for _ in range(8)]

    def act(number):
        from orders.cart import Extras

        lines, extras = cart_lines([("ticket", hidden.pk, 1)]), Extras(asks={"unlock_codes": ["MEMBERS26"]})
        return place_order(lines, user=fans[number], contact=Contact(), now=timezone.now(), extras=extras)

    done = at_once(8, act)
    assert sum(isinstance(each, Order) for each in done) == used(code) == 3
    assert list(differences()) == []


# -- Staff --


def test_staff_add_and_change_codes_and_each_is_written_down(api, olga, event, hidden):
    body = {"code": " press 26 ", "name": "Press", "ticket_types": [str(hidden.pk)], "max_uses": 5}
    made = api.as_(olga).post(codes_of(event), body)
    assert (made.status_code, made.json()["code"], made.json()["used"]) == (201, "PRESS26", 0)
    address = f"/api/v1/unlock-codes/{made.json()['id']}"
    changed = api.as_(olga).patch(address, {"is_active": False, "code": "press-26"})
    assert (changed.status_code, changed.json()["is_active"], changed.json()["code"]) == (200, False, "PRESS-26")
    assert api.as_(olga).get(address).json()["ticket_types"] == [str(hidden.pk)]
    actions = AuditLog.objects.filter(action__startswith="unlock_code").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["unlock_code.created", "unlock_code.changed"]
    again = {**body, "code": "Press-26"}
    assert api.as_(olga).post(codes_of(event), again).json()["error"]["code"] == "unlock_code_taken"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "!"}, "code"),
        ({"ticket_types": []}, "ticket_types"),
        ({"max_uses": 0}, "max_uses"),
        ({"starts_at": "2030-01-02T00:00:00", "ends_at": "2030-01-01T00:00:00"}, "ends_at"),
        ({"ticket_types": ["00000000-0000-7000-8000-000000000000"]}, "ticket_types[0]"),
    ],
)
def test_nonsense_is_refused(api, olga, event, hidden, change, field):
    answer = api.as_(olga).post(codes_of(event), {"code": "GOOD", "ticket_types": [str(hidden.pk)], **change})
    assert answer.status_code == 422
    assert problems(answer)[0][0].split("[")[0] == field.split("[")[0]
    assert not UnlockCode.objects.exists()


def test_many_are_made_at_once_and_downloaded(api, olga, fay, event, hidden):
    body = {"batch": "=Members", "count": 3, "prefix": "m-", "ticket_types": [str(hidden.pk)]}
    made = api.as_(olga).post(codes_of(event, "batches"), body)
    assert (made.status_code, len(made.json())) == (201, 3)
    words = sorted(each["code"] for each in made.json())
    assert all(word.startswith("M-") and len(word) == 12 for word in words)
    answer = api.as_(olga).get(f"/api/v1/events/{event.pk}/unlock-codes.csv?batch==Members")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert (answer["Content-Type"], sorted(row["code"] for row in rows)) == ("text/csv; charset=utf-8", words)
    assert {row["batch"] for row in rows} == {"'=Members"}
    assert api.as_(olga).post(codes_of(event, "batches"), body).json()["error"]["details"][0]["code"] == "batch_taken"
    assert api.as_(fay).post(ORDERS, cart(line(hidden, 2), unlock_codes=[words[0]])).status_code == 422
    assert api.as_(fay).post(ORDERS, cart(line(hidden, 1), unlock_codes=[words[0]])).status_code == 201


@pytest.mark.parametrize("accept", ["text/csv", "*/*"])
@pytest.mark.parametrize("name", ["=1+1", "＝1+1", "＠SUM(1)"])
def test_no_name_in_the_download_is_a_formula(api, olga, event, hidden, name, accept):
    unlock(hidden, "WORD", name=name)

    answer = api.as_(olga).get(f"/api/v1/events/{event.pk}/unlock-codes.csv", headers={"Accept": accept})

    assert answer.status_code == 200
    assert [row["name"] for row in csv.DictReader(io.StringIO(answer.content.decode()))] == [f"'{name}"]


def test_the_list_costs_the_same_for_any_number_of_codes(api, olga, event, hidden, django_assert_num_queries):
    for number in range(4):
        unlock(hidden, f"CODE{number}")
    api.as_(olga).get(codes_of(event))
    with django_assert_num_queries(4):
        assert api.as_(olga).get(codes_of(event)).json()["count"] == 4


@pytest.mark.parametrize(("who", "status"), [("stan", 403), ("fay", 403), ("gus", 403)])
def test_others_see_and_make_none(api, event, hidden, code, who, status, request):
    caller = api.as_(request.getfixturevalue(who))
    assert caller.get(codes_of(event)).status_code == status
    assert caller.get(f"{codes_of(event)}.csv").status_code == status
    assert caller.post(codes_of(event), {"code": "MINE", "ticket_types": [str(hidden.pk)]}).status_code == status
    detail = f"/api/v1/unlock-codes/{code.pk}"
    assert caller.get(detail).status_code == (403 if who == "gus" else 404)
    assert caller.patch(detail, {"is_active": False}).status_code == (403 if who == "gus" else 404)
    assert UnlockCode.objects.get().is_active


def test_the_console_makes_one_and_many(olga, event, hidden):
    typed = {
        "event": event.pk,
        "code": "vip",
        "ticket_types": [hidden.pk],
        "is_active": "on",
        "name": "",
        "max_uses": "",
    }
    assert as_(olga).post(url(UnlockCode, "add"), typed).status_code == 302
    row = UnlockCode.objects.get()
    assert (row.code, row.max_uses, list(row.ticket_types.all())) == ("VIP", None, [hidden])
    assert as_(olga).post(url(UnlockCode, "change", row.pk), {**typed, "max_uses": "7"}).status_code == 302
    row.refresh_from_db()
    assert row.max_uses == 7
    assert "made" in press(olga, row, "batch", count=4, begins_with="V-", batch="Friends")
    page = as_(olga).get(f"/admin/ticketing/unlockcode/batches/{event.pk}.csv", {"batch": "Friends"})
    assert len(page.content.decode().splitlines()) == 5
    assert UnlockCode.objects.filter(batch="Friends", max_uses=1, ticket_types=hidden).count() == 4


def test_the_download_of_another_venue_is_unknown(stan, event, code):
    UnlockCode.objects.update(batch="Friends")
    assert as_(stan).get(f"/admin/ticketing/unlockcode/batches/{event.pk}.csv", {"batch": "Friends"}).status_code == 404
