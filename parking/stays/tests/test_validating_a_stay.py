"""An outlet's code pays a part of a stay: as often as it may, and nothing is told to guessers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.errors import ValidationRefused
from parking.models import ParkingCharge, ParkingSession
from parking.stays import charging, validating
from parking.stays.tests.parked import code, fresh, park, post, url
from trufan.testing import OutletFactory, PromoCodeFactory, UserFactory

pytestmark = pytest.mark.django_db
VALIDATION = {"kind": "parking", "ppm": 500_000}


@pytest.fixture
def stay(capacity, fay):
    return park(capacity, user=fay, contact_email="fay@example.com")


@pytest.fixture
def dinner(venue):
    """The restaurant pays half."""
    return PromoCodeFactory(venue=venue, code="DINNER", outlet=OutletFactory(venue=venue), **VALIDATION)


def validate(api, who, stay, promo_code="DINNER"):
    return post(api, who, stay, "validate", promo_code=promo_code)


def test_a_code_of_an_outlet_pays_its_part(api, fay, stay, dinner):
    answer = validate(api, fay, stay, "dinner")

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["amount"], answer.json()["discount"], answer.json()["promo_code"]) == (350, 350, "DINNER")
    assert post(api, fay, stay, "pay").json()["amount"] == 350
    charge = ParkingCharge.objects.get()
    assert (charge.price, charge.discount, charge.promo_code, charge.amount_paid) == (700, 350, "DINNER", 350)
    dinner.refresh_from_db()
    assert dinner.used == 1


def test_said_again_it_counts_once(api, fay, val, stay, dinner):
    assert [validate(api, who, stay).status_code for who in (fay, fay, val)] == [200, 200, 200]
    dinner.refresh_from_db()
    assert dinner.used == 1


def test_paying_with_the_code_validates_first(api, fay, stay, dinner):
    assert post(api, fay, stay, "pay", promo_code="DINNER").json()["amount"] == 350


def test_in_steps_it_takes_off_what_it_would_take_at_once(fay, venue, capacity):
    PromoCodeFactory(venue=venue, code="THREE", kind="fixed", amount=800, item_type="parking")
    stay, now = park(capacity, user=fay), timezone.now()
    ParkingSession.objects.update(promo=venue.promo_codes.get())
    first = charging.pay(fresh(stay), payer=fay, payment_method="pm_card_visa", now=now)
    second = charging.pay(fresh(stay), payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=30))
    assert (first, second.amount) == (None, 100)
    assert list(ParkingCharge.objects.order_by("created_at").values_list("price", "discount", "status")) == [
        (700, 700, "paid"), (200, 100, "paid"),
    ]  # fmt: skip


def test_what_is_paid_in_full_by_the_outlet_lets_the_car_out(api, fay, venue, stay):
    PromoCodeFactory(venue=venue, code="GUEST", kind="parking", ppm=1_000_000)
    validate(api, fay, stay, "GUEST")
    assert post(api, fay, stay, "pay").json()["status"] == "nothing_due"
    assert (fresh(stay).leave_by is not None, ParkingCharge.objects.get().status) == (True, "paid")


def test_the_charge_that_waits_is_opened_anew_at_the_lower_price(api, fay, stay, dinner):
    post(api, fay, stay, "pay", payment_method="pm_card_authenticationRequired")
    validate(api, fay, stay)
    assert post(api, fay, stay, "pay").json()["amount"] == 350
    assert sorted(ParkingCharge.objects.values_list("status", flat=True)) == ["cancelled", "paid"]


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "percent"},
        {"kind": "percent", "item_type": "ticket"},
        {"kind": "free_item"},
        {**VALIDATION, "is_active": False},
        {**VALIDATION, "ends_at": timezone.now() - timedelta(days=1)},
        {**VALIDATION, "total_limit": 1, "used": 1},
    ],
)
def test_every_code_that_pays_nothing_here_gets_one_answer(api, fay, venue, stay, facts):
    PromoCodeFactory(venue=venue, code="DINNER", **facts)
    refused, unknown = validate(api, fay, stay), validate(api, fay, stay, "NEVERWAS")
    assert code(refused) == (422, "validation_refused")
    assert refused.json()["error"]["details"] == unknown.json()["error"]["details"]
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["promo_code"]
    assert fresh(stay).promo is None


def test_another_venues_code_is_none(api, fay, other_venue, stay):
    PromoCodeFactory(venue=other_venue, code="DINNER", **VALIDATION)
    assert code(validate(api, fay, stay)) == (422, "validation_refused")


def test_guessing_is_slowed_down(api, fay, stay, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "promo_code": 3}
    answers = [validate(api, fay, stay, f"GUESS{n}").status_code for n in range(4)]
    assert answers == [422, 422, 422, 429]


def test_one_person_uses_it_as_often_as_one_may(api, fay, venue, capacity, stay, dinner):
    type(dinner).objects.update(per_person_limit=1)
    validate(api, fay, stay)
    own, other = park(capacity, user=fay), park(capacity, user=UserFactory())
    by_mail = park(capacity, contact_email="fay@example.com")
    assert [validate(api, fay, own).status_code, validate(api, other.user, other).status_code] == [422, 200]
    with pytest.raises(ValidationRefused):
        validating.validate(by_mail, "DINNER", by=None, now=timezone.now())
    dinner.refresh_from_db()
    assert dinner.used == 2


def test_another_code_takes_its_place_before_it_paid_and_not_after(api, fay, venue, stay, dinner):
    cinema = PromoCodeFactory(venue=venue, code="CINEMA", kind="parking", ppm=250_000)
    validate(api, fay, stay)
    assert validate(api, fay, stay, "CINEMA").json()["discount"] == 175
    dinner.refresh_from_db()
    cinema.refresh_from_db()
    assert (dinner.used, cinema.used) == (0, 1)
    post(api, fay, stay, "pay")
    assert code(validate(api, fay, stay)) == (422, "validation_refused")
    dinner.refresh_from_db()
    assert dinner.used == 0


def test_a_used_code_keeps_its_name(olga, fay, api, stay, dinner):
    validate(api, fay, stay)
    url_of_code = f"/api/v1/venues/{dinner.venue_id}/promo-codes/{dinner.pk}"
    answer = api.as_(olga).patch(url_of_code, {"code": "SUPPER"}, format="json")
    assert answer.status_code == 422


def test_strangers_and_who_may_not_run_the_lot_validate_nothing(api, gus, stan, stay, dinner):
    assert [validate(api, who, stay).status_code for who in (gus, stan, None)] == [404, 404, 404]
    assert fresh(stay).promo is None


def test_a_stay_that_is_over_is_not_validated(api, fay, stay, dinner):
    ParkingSession.objects.update(status="ended", ended_at=timezone.now())
    assert code(validate(api, fay, stay)) == (409, "session_over")
    assert api.as_(fay).get(url(stay, "due")).json()["amount"] == 700
