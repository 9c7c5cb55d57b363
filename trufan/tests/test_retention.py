"""The table of what is kept: declared once, swept at its pace, shown to a shell and to super admins."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from orders.tests.carts import place
from ticketing.tests.sales import buy
from trufan.lib import retention, sweeps
from trufan.lib.retention import Kind
from trufan.tests.console_client import as_, press, url

pytestmark = pytest.mark.django_db
PAGE = "console_privacy"


def kind(name: str, forget: Any = lambda now: 0, **facts: Any) -> Kind:
    return Kind(name, "what", "why", forget, **{"term": "a day", **facts})


@pytest.fixture
def alone(monkeypatch):
    """No kinds but those of the test."""
    monkeypatch.setattr(retention, "_kinds", {})
    monkeypatch.setattr(sweeps, "_sweeps", {})


def test_a_kind_is_swept_under_its_name(alone):
    retention.declare(kind("shoes", lambda now: 3))
    assert sweeps.run_all(timezone.now()) == {"shoes": 3}


def test_a_paced_kind_is_looked_at_once_and_again_while_a_whole_batch_was_found(alone):
    found = [retention.BATCH, 5, 7]
    retention.declare(kind("shoes", lambda now: found.pop(0), pace=60))
    assert [sweeps.run_all(timezone.now())["shoes"] for _ in range(3)] == [retention.BATCH, 5, 0]
    assert found == [7]


@pytest.mark.parametrize("facts", [{"term": ""}, {"setting": "DEVICE_DAYS"}])
def test_how_long_is_said_in_one_way(alone, facts):
    with pytest.raises(ValueError, match="say how long"):
        retention.declare(kind("shoes", **facts))


def test_every_setting_is_there_and_says_days(settings):
    assert {each.setting for each in retention.kinds() if each.setting} >= {"SIGN_IN_DAYS", "GUEST_CONTACT_DAYS"}
    settings.DEVICE_DAYS = 1
    kept = {each.name: each.kept for each in retention.kinds()}
    assert (kept["notifications.devices"], kept["orders.guests"], kept["parking.plates"]) == (
        "1 day", "730 days", "as each lot says",
    )  # fmt: skip


@pytest.fixture
def old_cart(fay, ticket_type):
    order = place(fay, (ticket_type, 1))
    long_ago = timezone.now() - timedelta(days=31)
    Order.objects.filter(pk=order.pk).update(status="expired", contact_email=fay.email, created_at=long_ago)
    return order


def test_the_command_shows_and_runs(old_cart, capsys):
    call_command("retention")
    shown = capsys.readouterr().out
    assert f"orders.unpaid: 30 days, oldest {timezone.now() - timedelta(days=31):%Y-%m-%d}" in shown
    assert "audit.trail: stays." in shown
    old_cart.refresh_from_db()
    assert old_cart.contact_email

    call_command("retention", "--run", "--json")
    told = {row["name"]: row for row in json.loads(capsys.readouterr().out)["kinds"]}
    assert (told["orders.unpaid"]["forgotten"], told["orders.unpaid"]["oldest"]) == (1, None)
    old_cart.refresh_from_db()
    assert old_cart.contact_email == ""


def test_the_page_is_for_super_admins(ada, olga, old_cart):
    shown = as_(ada).get(reverse(PAGE)).content.decode()
    assert "GUEST_CONTACT_DAYS" in shown
    assert "Plates of cars that left" in shown
    assert "The audit trail" in shown
    assert reverse(PAGE) in as_(ada).get(reverse("admin:index")).content.decode()
    assert as_(olga).get(reverse(PAGE)).status_code == 403
    assert reverse(PAGE) not in as_(olga).get(reverse("admin:index")).content.decode()
    assert as_(None).get(reverse(PAGE)).status_code == 302


def test_staff_erase_a_buyer_with_the_button(olga, stan, ticket_type):
    order = buy(None, ticket_type)[0].order
    assert as_(stan).post(url(Order, "button", order.pk, "erase-buyer")).status_code in (302, 403, 404)
    order.refresh_from_db()
    assert order.contact_name == "Gil Guest"
    assert press(olga, order, "erase-buyer") == f"The buyer of order {order.number} is forgotten."
    order.refresh_from_db()
    assert (order.contact_name, order.amount_paid) == ("", 5_000)
