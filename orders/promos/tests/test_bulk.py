"""Many promo codes paused, resumed and ended at once: told in figures first, each in its history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.models import PromoCode
from orders.promos import bulk
from orders.promos.managing import MAX_BATCH
from orders.tests.carts import place
from trufan.lib.errors import Invalid
from trufan.testing import PromoCodeFactory
from trufan.tests.console_client import as_, url

pytestmark = pytest.mark.django_db


def at(venue, preview=False):
    return f"/api/v1/venues/{venue.pk}/promo-codes/bulk{'/preview' if preview else ''}"


@pytest.fixture
def codes(venue):
    """Two that run, one that is paused, one that is over, one that has not begun."""
    now = timezone.now()
    return [
        PromoCodeFactory(venue=venue, code="ONE", batch="Sponsors", used=2),
        PromoCodeFactory(venue=venue, code="TWO", batch="Sponsors"),
        PromoCodeFactory(venue=venue, code="OFF", batch="Sponsors", is_active=False),
        PromoCodeFactory(venue=venue, code="OVER", batch="Sponsors", ends_at=now - timedelta(days=1)),
        PromoCodeFactory(venue=venue, code="SOON", starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2)),
    ]


def active():
    return set(PromoCode.objects.filter(is_active=True).values_list("code", flat=True))


def test_a_batch_is_paused_and_resumed_with_the_figures_of_the_preview(api, olga, venue, codes):
    asked = {"deed": "pause", "batch": "Sponsors"}
    told = api.as_(olga).post(at(venue, preview=True), asked).json()
    assert told == {"chosen": 4, "changing": 2, "spared": 2, "used": 2, "pending": 0}
    assert active() == {"ONE", "TWO", "OVER", "SOON"}
    assert api.as_(olga).post(at(venue), asked).json() == told
    assert active() == {"OVER", "SOON"}
    entries = AuditLog.objects.filter(action="promo_code.changed")
    assert {(entry.entity_id, entry.new_values["is_active"]) for entry in entries} == {
        (codes[0].pk, False), (codes[1].pk, False),
    }  # fmt: skip
    assert api.as_(olga).post(at(venue), {**asked, "deed": "resume"}).json()["changing"] == 3
    assert active() == {"ONE", "TWO", "OFF", "OVER", "SOON"}


def test_codes_end_for_good_also_those_that_have_not_begun(api, olga, venue, codes):
    ids = [str(code.pk) for code in codes]
    assert api.as_(olga).post(at(venue), {"deed": "end", "ids": ids}).json()["changing"] == 4
    now = timezone.now()
    assert all(code.ends_at <= now and not code.is_open(now) for code in PromoCode.objects.all())
    assert api.as_(olga).post(at(venue), {"deed": "resume", "ids": ids}).json()["changing"] == 0


def test_an_order_that_has_a_paused_code_keeps_what_it_took_off(api, olga, fay, venue, codes, ticket_type):
    order = place(fay, (ticket_type, 1), codes=["TWO"])
    assert order.discount > 0
    told = api.as_(olga).post(at(venue), {"deed": "end", "ids": [str(codes[1].pk)]}).json()
    assert told["pending"] == 1
    assert api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()["discount"] == order.discount


@pytest.mark.parametrize(
    "asked", [{"deed": "pause"}, {"deed": "pause", "ids": []}, {"deed": "burn", "batch": "x"},
              {"deed": "end", "batch": "x", "ids": ["0199f3a2-9e00-7e11-9b00-c1d2e3f4a5b6"]}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(api, olga, venue, asked):
    assert api.as_(olga).post(at(venue), asked).status_code == 422


def test_codes_of_another_venue_are_passed_over_and_its_staff_kept_out(api, olga, stan, gus, venue, other_venue, codes):
    theirs = PromoCodeFactory(venue=other_venue, code="THEIRS")
    told = api.as_(olga).post(at(venue), {"deed": "pause", "ids": [str(theirs.pk)]}).json()
    assert (told["chosen"], PromoCode.objects.get(pk=theirs.pk).is_active) == (0, True)
    assert api.as_(stan).post(at(venue), {"deed": "pause", "batch": "Sponsors"}).status_code in (403, 404)
    assert api.as_(gus).post(at(venue), {"deed": "pause", "batch": "Sponsors"}).status_code == 403


def test_no_more_than_a_batch_at_once(venue, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_BATCH", 2)
    for number in range(3):
        PromoCodeFactory(venue=venue, code=f"CODE{number}")
    with pytest.raises(Invalid):
        bulk.apply(PromoCode.objects.order_by("pk"), "pause", by=None, now=timezone.now())
    assert len(active()) == 3
    assert MAX_BATCH == 5_000


def press(user, deed, rows, **more):
    typed = {"action": deed, "_selected_action": [str(row.pk) for row in rows], "index": "0", **more}
    return as_(user).post(url(PromoCode, "changelist"), typed)


def test_the_list_tells_the_figures_and_does_it_once_they_were_seen(olga, codes):
    asked = press(olga, "pause", codes)
    figures = asked.context["figures"]
    assert figures.startswith("3 codes are paused") and "used 2 times" in figures and "stay as they are: 2" in figures
    assert active() == {"ONE", "TWO", "OVER", "SOON"}
    PromoCode.objects.filter(code="TWO").update(is_active=False)
    again = press(olga, "pause", codes, confirmed=figures)
    assert again.context["figures"].startswith("2 codes are paused")
    done = press(olga, "pause", codes, confirmed=again.context["figures"])
    assert done.status_code == 302
    assert active() == {"OVER"}


def test_all_rows_of_a_narrowed_list_are_meant_by_all(olga, codes):
    typed = {"action": "end", "_selected_action": str(codes[0].pk), "index": "0", "select_across": "1"}
    page = as_(olga).post(f"{url(PromoCode, 'changelist')}?q=T", typed)
    assert page.context["figures"].startswith("1 code ends")


def test_the_list_of_another_venue_changes_nothing_here(stan, gus, codes):
    press(stan, "end", codes, confirmed="x")
    assert press(gus, "end", codes).status_code in (302, 403)
    assert active() == {"ONE", "TWO", "OVER", "SOON"}
