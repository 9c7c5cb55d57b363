"""The kitchen's screens: what they show, what a touch does, with the script and without."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.kitchen import moves
from orders.kitchen.tests.kitchens import bring_to, ordered
from orders.models import OrderItem
from payments.models import Refund
from trufan.testing import OutletFactory, ProductVariantFactory
from trufan.tests.console_client import as_, buttons_on, press

pytestmark = pytest.mark.django_db
BY_SCRIPT = {"X-Screen-Part": "1"}
SEAT = {"method": "seat", "section": "112", "row": "A", "seat": "12", "note": "By the stairs"}


def url(outlet, name="board", *args):
    return reverse(f"admin:orders_fulfilment_kitchen_{name}", args=[outlet.pk, *args])


def columns_of(page):
    """Column → the numbers in it, in their order."""
    parts = re.split(r'<section class="column[^>]*aria-label="', page)[1:]
    return {part.split('"')[0]: re.findall(r'class="number">\s*(\d+)<', part) for part in parts}


def test_tiles_stand_by_state_the_oldest_first(fay, cook, stand, burger):
    now = timezone.now()
    young, old = ordered(fay, (burger, 1), now=now), ordered(fay, (burger, 2), now=now - timedelta(hours=1))
    made = bring_to(ordered(fay, (burger, 1), delivery=SEAT, now=now), "ready")
    OrderItem.objects.filter(fulfilment=old).update(
        options={"chosen": [{"name": "Bacon", "quantity": 2}], "note": "no <b>onions</b>"}
    )

    page = as_(cook).get(url(stand)).content.decode()

    assert columns_of(page) == {
        "New": [str(old.pickup_number), str(young.pickup_number)], "Accepted": [], "Preparing": [],
        "Ready": [str(made.pickup_number)], "On the way": [],
    }  # fmt: skip
    assert page.count("min late") == 1
    assert "Section 112, row A, seat 12" in page
    assert "By the stairs" in page
    assert "2 × Bacon" in page
    assert "no &lt;b&gt;onions&lt;/b&gt;" in page


def test_times_are_the_venues(fay, cook, stand, burger):
    fulfilment = ordered(fay, (burger, 1))
    local = fulfilment.promised_at.astimezone(stand.venue.zone)
    assert f">{local:%H:%M}<" in as_(cook).get(url(stand)).content.decode()


def test_one_touch_moves_on_and_says_so_with_a_way_back(fay, cook, stand, burger):
    fulfilment, client = ordered(fay, (burger, 1)), as_(cook)
    answer = client.post(url(stand), {"move": f"{fulfilment.pk}:accept"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"{url(stand)}?moved={fulfilment.pk}", 302)]
    assert columns_of(page)["Accepted"] == [str(fulfilment.pickup_number)]
    undo = f"{fulfilment.pk}:back:accepted"
    assert undo in page
    client.post(url(stand), {"move": undo})
    fulfilment.refresh_from_db()
    assert fulfilment.status == "placed"


def test_the_script_gets_the_changed_part_and_nothing_where_nothing_changed(fay, cook, stand, burger):
    client, fulfilment = as_(cook), ordered(fay, (burger, 1))
    first = client.get(url(stand), headers=BY_SCRIPT)
    assert (first.status_code, "<html" in first.content.decode()) == (200, False)
    again = client.get(url(stand), headers={**BY_SCRIPT, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    touched = client.post(url(stand), {"move": f"{fulfilment.pk}:ready"}, headers=BY_SCRIPT)
    assert touched["ETag"] != first["ETag"]
    assert f"<b>{fulfilment.pickup_number}</b> is ready." in touched.content.decode()
    since = client.get(url(stand), headers={**BY_SCRIPT, "If-None-Match": first["ETag"]})
    assert (since.status_code, since["ETag"]) == (200, touched["ETag"])


def test_a_refusal_is_said_and_nothing_moves(fay, cook, stand, burger):
    client, fulfilment = as_(cook), ordered(fay, (burger, 1))
    asked = {"move": f"{fulfilment.pk}:deliver"}
    for headers, status in ((BY_SCRIPT, 200), ({}, 409)):
        answer = client.post(url(stand), asked, headers=headers)
        assert answer.status_code == status
        assert "cannot become delivered" in answer.content.decode()


@pytest.mark.parametrize("move", ["", "x", "x:accept", ":", "{pk}", "{pk}:fly", "{pk}:__init__"])
def test_what_is_no_move_is_not_found(fay, cook, stand, burger, move):
    fulfilment = ordered(fay, (burger, 1))
    assert as_(cook).post(url(stand), {"move": move.format(pk=fulfilment.pk)}).status_code == 404


def test_a_touch_without_its_token_is_refused(fay, cook, stand, burger):
    fulfilment = ordered(fay, (burger, 1))
    client = as_(cook, enforce_csrf_checks=True)
    for headers in ({}, BY_SCRIPT):
        assert client.post(url(stand), {"move": f"{fulfilment.pk}:accept"}, headers=headers).status_code == 403
    fulfilment.refresh_from_db()
    assert fulfilment.status == "placed"


def test_age_is_asked_before_it_is_handed_over(fay, cook, stand):
    beer = ProductVariantFactory(product__outlet=stand, product__minimum_age=21)
    client, fulfilment = as_(cook), bring_to(ordered(fay, (beer, 1)), "ready")
    page = client.get(url(stand)).content.decode()
    assert "21+" in page
    assert f"{fulfilment.pk}:pick-up" not in page
    refused = client.post(url(stand), {"move": f"{fulfilment.pk}:pick-up"}, headers=BY_SCRIPT)
    assert "21 or older" in refused.content.decode()
    sheet = url(stand, "sheet", fulfilment.pk)
    assert "I checked the age" in client.get(sheet).content.decode()
    answer = client.post(sheet, {"move": f"{fulfilment.pk}:pick-up", "age_confirmed": "yes"})
    assert (answer.status_code, answer["Location"]) == (302, f"{url(stand)}?moved={fulfilment.pk}")
    fulfilment.refresh_from_db()
    assert (fulfilment.status, fulfilment.age_checked_at is None) == ("picked_up", False)


@pytest.mark.parametrize(
    ("given", "kept"),
    [({"reason": "Sold out"}, "Sold out"), ({"reason": "Sold out", "reason_given": " No gas "}, "No gas")],
)
def test_refusing_from_its_sheet_refunds(fay, cook, stand, burger, given, kept):
    fulfilment = ordered(fay, (burger, 1))
    as_(cook).post(url(stand, "sheet", fulfilment.pk), {"move": f"{fulfilment.pk}:refuse", **given})
    fulfilment.refresh_from_db()
    assert (fulfilment.status, fulfilment.reason) == ("refused", kept)
    assert Refund.objects.get().amount == 1_200


def test_the_sheet_says_why_not(fay, cook, stand, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "ready")
    answer = as_(cook).post(url(stand, "sheet", fulfilment.pk), {"move": f"{fulfilment.pk}:refuse", "reason": "No"})
    assert (answer.status_code, "cannot become refused" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("steps", "offered"),
    [
        ([], {"accept", "prepare", "ready", "refuse"}),
        (["accept"], {"prepare", "ready", "refuse", "back:accepted"}),
        (["prepare"], {"ready", "refuse", "back:preparing"}),
        (["ready"], {"send-out", "pick-up", "cancel", "back:ready"}),
        (["ready", "send-out"], {"deliver", "cancel", "back:out_for_delivery"}),
        (["ready", "send-out", "deliver"], {"back:delivered"}),
    ],
)
def test_a_sheet_offers_what_the_rules_allow(fay, cook, stand, burger, steps, offered):
    fulfilment = bring_to(ordered(fay, (burger, 1), delivery=SEAT), *steps)
    page = as_(cook).get(url(stand, "sheet", fulfilment.pk)).content.decode()
    assert set(re.findall(rf'value="{fulfilment.pk}:([^"]+)"', page)) == offered


def test_the_runners_screen_goes_by_section(fay, cook, stand, burger):
    for section in ("12", "9"):
        bring_to(ordered(fay, (burger, 1), delivery={**SEAT, "section": section}), "ready")
    page = as_(cook).get(url(stand, "runner")).content.decode()
    assert re.findall(r'aria-label="(Section \d+)"', page) == ["Section 9", "Section 12"]
    assert page.count("Send out") == 2


def test_whoever_runs_one_kitchen_is_led_there(cook, stand, venue):
    choose = reverse("admin:orders_fulfilment_kitchen")
    assert as_(cook).get(choose)["Location"] == url(stand)
    bar = OutletFactory(venue=venue)
    page = as_(cook).get(choose).content.decode()
    assert url(stand) in page
    assert url(bar) in page


def test_a_screen_costs_the_same_for_many_tiles(fay, cook, stand, burger, django_assert_num_queries):
    client = as_(cook)
    for _ in range(2):
        for _ in range(3):
            ordered(fay, (burger, 1))
        with django_assert_num_queries(7):
            assert client.get(url(stand), headers=BY_SCRIPT).status_code == 200


def test_the_consoles_buttons_call_the_same_rules(fay, cook, gus, olga, stand, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "accept")
    assert buttons_on(cook, fulfilment) == {"refuse", "cancel", "back"}
    assert buttons_on(gus, fulfilment) == set()
    press(cook, fulfilment, "back")
    assert moves.step(fulfilment, "accept", by=cook, now=timezone.now()).status == "accepted"
    assert "is refused" in press(olga, fulfilment, "refuse", reason="Out of buns")
    assert Refund.objects.count() == 1


def test_whoever_was_let_go_is_led_away(fay, cook, stand, burger):
    client = as_(cook)
    cook.venue_staff.update(is_active=False)
    answer = client.get(url(stand), headers=BY_SCRIPT)
    assert (answer.status_code, answer["Location"].startswith(reverse("admin:login"))) == (302, True)
    assert Client().get(url(stand)).status_code == 302


def test_the_orders_page_tells_what_became_of_its_food(fay, gus, stand, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1), delivery=SEAT), "ready")
    page = as_(gus).get(reverse("admin:orders_order_change", args=[fulfilment.order_id])).content.decode()
    for said in ("In the kitchen", "Burger Stand", "Section 112, row A, seat 12", str(fulfilment.pickup_number)):
        assert said in page
