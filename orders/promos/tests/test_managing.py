"""Making codes, one by one and in batches, over the API and in the console; and seeing what became of them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditLog
from orders.errors import PromoCodeTaken
from orders.models import PromoCode
from orders.promos import managing
from orders.tests.carts import buy, place
from trufan.lib.errors import Invalid
from trufan.testing import EventFactory, OutletFactory, ProductFactory, PromoCodeFactory
from trufan.tests.console_client import as_, url


def at(venue, *rest):
    return "/".join([f"/api/v1/venues/{venue.pk}/promo-codes", *map(str, rest)])


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_a_code_is_made_shown_changed_and_listed(api, olga, venue):
    me = api.as_(olga)
    asked = {"code": "welcome10", "kind": "percent", "ppm": 100_000, "total_limit": 5, "item_type": "ticket"}

    made = me.post(at(venue), asked)

    assert made.status_code == 201, made.json()
    promo = PromoCode.objects.get()
    assert (promo.code, made.json()["code"], made.json()["used"]) == ("WELCOME10", "WELCOME10", 0)
    assert me.get(at(venue, promo.pk)).json() == made.json()
    assert me.patch(at(venue, promo.pk), {"is_active": False}).json()["is_active"] is False
    assert me.get(at(venue), {"is_active": "false", "search": "welc"}).json()["count"] == 1
    assert me.get(at(venue), {"kind": "fixed"}).json()["count"] == 0
    told = AuditLog.objects.filter(entity_id=promo.pk).order_by("created_at").values_list("action", flat=True)
    assert list(told) == ["promo_code.created", "promo_code.changed"]


def test_a_code_is_had_once_at_a_venue(api, olga, venue, other_venue):
    PromoCodeFactory(venue=other_venue, code="TEN")
    asked = {"code": "ten", "kind": "percent", "ppm": 100_000}
    assert api.as_(olga).post(at(venue), asked).status_code == 201
    again = api.as_(olga).post(at(venue), asked)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "promo_code_taken")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "=1+1"}, "code"), ({"code": "A B-"}, None), ({"code": "no!"}, "code"), ({"code": "AB"}, "code"),
        ({"kind": "gift"}, "kind"), ({"ppm": 0}, "ppm"), ({"kind": "fixed"}, "amount"),
        ({"kind": "parking", "ppm": 0}, "ppm"),
        ({"kind": "parking", "item_type": "ticket"}, "item_type"), ({"item_type": "hat"}, "item_type"),
        ({"starts_at": "2030-01-02T00:00Z", "ends_at": "2030-01-01T00:00Z"}, "ends_at"), ({"maximum": 0}, "maximum"),
        ({"total_limit": 0}, "total_limit"), ({"event": "0199f3a2-9e00-7e11-9b00-c1d2e3f4a5b6"}, "event"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_field(api, olga, venue, wrong, field):
    answer = api.as_(olga).post(at(venue), {"code": "TEN", "kind": "percent", "ppm": 100_000, **wrong})
    if field is None:
        assert (answer.status_code, answer.json()["code"]) == (201, "AB-")
        return
    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


def test_a_code_is_for_things_of_its_own_venue_that_go_together(api, olga, venue, other_venue):
    fare = ProductFactory(outlet=OutletFactory(venue=venue))
    foreign = ProductFactory(outlet=OutletFactory(venue=other_venue))
    show = EventFactory(venue=venue)
    asked = {"code": "TEN", "kind": "percent", "ppm": 100_000}
    for wrong in (
        {"product": foreign.pk}, {"outlet": foreign.outlet_id}, {"event": EventFactory(venue=other_venue).pk},
        {"product": fare.pk, "event": show.pk}, {"product": fare.pk, "outlet": OutletFactory(venue=venue).pk},
    ):  # fmt: skip
        answer = api.as_(olga).post(at(venue), {**asked, **{name: str(pk) for name, pk in wrong.items()}})
        assert answer.status_code == 422, wrong
    assert api.as_(olga).post(at(venue), {**asked, "product": str(fare.pk)}).status_code == 201
    with pytest.raises(Invalid):
        managing.create(venue, olga, code="NINE", kind="percent", ppm=1, product=foreign)


def test_a_limit_does_not_fall_below_what_was_used(olga, fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TEN")
    place(fay, (ticket_type, 1), codes=["TEN"])
    place(fay, (ticket_type, 1), codes=["TEN"])
    with pytest.raises(Invalid):
        managing.change(promo, olga, total_limit=1)
    assert managing.change(promo, olga, total_limit=2).used == 2


def test_a_code_that_was_used_keeps_its_name(olga, fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TEN")
    promo = managing.change(promo, olga, code="TENTH")
    place(fay, (ticket_type, 1), codes=["tenth"])
    with pytest.raises(Invalid, match="used under this name"):
        managing.change(promo, olga, code="OTHER")


def test_others_see_and_make_nothing(api, venue, stan, gus, fay):
    promo = PromoCodeFactory(venue=venue)
    for who, expected in ((stan, {403}), (gus, {403}), (fay, {403}), (None, {401})):
        me = api.as_(who)
        answers = [
            me.get(at(venue)), me.post(at(venue), {}), me.get(at(venue, promo.pk)), me.patch(at(venue, promo.pk), {}),
            me.get(at(venue, promo.pk, "uses")), me.get(at(venue, "export")), me.post(at(venue, "batches"), {}),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == expected


def test_another_venues_code_is_not_found_under_ones_own(api, stan, venue, other_venue):
    promo = PromoCodeFactory(venue=venue)
    assert api.as_(stan).get(at(other_venue, promo.pk)).status_code == 404
    assert api.as_(stan).get(at(other_venue, promo.pk, "uses")).json()["count"] == 0


def test_a_list_costs_the_same_however_long(api, olga, venue, event, django_assert_max_num_queries):
    for number in range(12):
        PromoCodeFactory(venue=venue, event=event if number % 2 else None)
    with django_assert_max_num_queries(6):
        assert api.as_(olga).get(at(venue)).json()["count"] == 12


# -- Batches --


def test_a_batch_is_made_downloaded_and_each_code_is_used_once(api, olga, fay, venue, ticket_type):
    asked = {"batch": "Sponsors", "count": 200, "prefix": "vip-", "kind": "percent", "ppm": 1_000_000}

    made = api.as_(olga).post(at(venue, "batches"), asked)

    assert made.status_code == 201, made.json()
    codes = made.json()["codes"]
    assert len(set(codes)) == 200
    assert all(code.startswith("VIP-") and set(code[4:]) <= set(managing.ALPHABET) for code in codes)
    assert {len(code) for code in codes} == {4 + managing.RANDOM_LENGTH}
    buy(fay, (ticket_type, 1), codes=[codes[7]])
    file = api.as_(olga).get(at(venue, "export"), {"batch": "Sponsors"})
    assert (file.headers["Content-Type"], file.headers["Cache-Control"]) == ("text/csv; charset=utf-8", "no-store")
    head, *lines = rows(file)
    assert head == ["code", "batch", "used", "total_limit", "is_active"]
    assert {line[0]: line[2] for line in lines} == {code: "1" if code == codes[7] else "0" for code in codes}
    assert set(PromoCode.objects.values_list("total_limit", flat=True)) == {1}
    entry = AuditLog.objects.get(action="promo_code.batch_made")
    assert (entry.new_values["count"], entry.venue_id) == (200, venue.pk)


def test_the_same_batch_is_not_made_twice(api, olga, venue):
    asked = {"batch": "Sponsors", "count": 3, "kind": "percent", "ppm": 1_000_000}
    first = api.as_(olga).post(at(venue, "batches"), asked, HTTP_IDEMPOTENCY_KEY="once")
    again = api.as_(olga).post(at(venue, "batches"), asked, HTTP_IDEMPOTENCY_KEY="once")
    assert again.json() == first.json()
    other = api.as_(olga).post(at(venue, "batches"), asked)
    assert (other.status_code, other.json()["error"]["details"][0]["field"]) == (422, "batch")
    assert PromoCode.objects.count() == 3


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"count": 5_001}, {"prefix": "-x"}, {"prefix": "=cmd"}, {"batch": " "}]
)
def test_a_batch_that_makes_no_sense_is_refused(api, olga, venue, wrong):
    asked = {"batch": "B", "count": 2, "kind": "percent", "ppm": 1_000_000, **wrong}
    answer = api.as_(olga).post(at(venue, "batches"), asked)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, next(iter(wrong)))
    assert not PromoCode.objects.exists()


def test_a_name_is_no_formula_in_a_spreadsheet(api, olga, venue):
    managing.generate(venue, olga, count=1, batch="=HYPERLINK(1)", kind="percent", ppm=1)
    assert rows(api.as_(olga).get(at(venue, "export")))[1][1] == "'=HYPERLINK(1)"


def test_the_uses_of_a_code_are_listed(api, olga, fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TEN")
    paid, pending = (make(fay, (ticket_type, 1), codes=["TEN"]) for make in (buy, place))
    shown = api.as_(olga).get(at(venue, promo.pk, "uses")).json()["results"]
    assert [(use["number"], use["status"], use["discount"]) for use in shown] == [
        (pending.number, "held", 500),
        (paid.number, "used", 500),
    ]


# -- The console --


def form(venue, **fields):
    return {
        "venue": str(venue.pk), "code": "summer", "name": "Newsletter", "kind": "percent", "ppm": "12.5", "amount": "",
        "pieces": "1", "maximum": "20.00", "item_type": "", "is_active": "on", "starts_at_0": "2030-06-01",
        "starts_at_1": "00:00", "ends_at_0": "", "ends_at_1": "", "total_limit": "", "per_person_limit": "1", **fields,
    }  # fmt: skip


def test_staff_make_and_change_a_code_by_the_venues_clock_and_in_its_currency(olga, venue):
    client = as_(olga)
    assert client.post(url(PromoCode, "add"), form(venue)).status_code == 302
    promo = PromoCode.objects.get()
    assert (promo.code, promo.ppm, promo.amount, promo.maximum) == ("SUMMER", 125_000, 0, 2_000)
    assert promo.starts_at.isoformat() == "2030-06-01T04:00:00+00:00"
    changed = form(venue, kind="fixed", amount="5.00", ppm="", maximum="")
    assert client.post(url(PromoCode, "change", promo.pk), changed).status_code == 302
    promo.refresh_from_db()
    assert (promo.kind, promo.amount, promo.ppm, promo.maximum) == ("fixed", 500, 0, None)
    assert AuditLog.objects.filter(action="promo_code.changed", actor=olga).count() == 1


def test_a_refusal_comes_back_on_the_form(olga, venue):
    PromoCodeFactory(venue=venue, code="SUMMER")
    answer = as_(olga).post(url(PromoCode, "add"), form(venue))
    assert answer.status_code == 200
    assert "already" in answer.content.decode()
    answer = as_(olga).post(url(PromoCode, "add"), form(venue, code="x", kind="fixed"))
    assert set(answer.context["adminform"].form.errors) == {"code", "amount"}


def test_a_batch_is_made_by_a_button_and_downloaded_by_its_own_venue(olga, stan, venue, other_venue):
    promo = PromoCodeFactory(venue=venue, code="VIP", ppm=500_000, per_person_limit=2)
    client = as_(olga)
    address = url(PromoCode, "button", promo.pk, "batch")

    client.post(address, {"count": "3", "begins_with": "vip-", "batch": "Sponsors"})

    made = PromoCode.objects.filter(batch="Sponsors")
    assert {(each.ppm, each.per_person_limit, each.total_limit, each.venue) for each in made} == {
        (500_000, 2, 1, venue)
    }
    file = reverse("admin:orders_promocode_batch", args=[venue.pk], query={"batch": "Sponsors"})
    assert file.replace("&", "&amp;") in client.get(url(PromoCode, "change", promo.pk)).content.decode()
    assert len(rows(client.get(file))) == 4
    assert as_(stan).get(file).status_code == 404
    assert client.get(reverse("admin:orders_promocode_batch", args=[venue.pk])).status_code == 404


def test_the_page_of_a_code_tells_its_uses(olga, fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TEN", ends_at=timezone.now() + timedelta(days=1))
    order = buy(fay, (ticket_type, 2), codes=["TEN"])
    page = as_(olga).get(url(PromoCode, "change", promo.pk)).content.decode()
    assert order.number in page
    assert "$10.00" in page


def test_the_page_of_an_order_tells_its_codes(olga, fay, venue, ticket_type):
    PromoCodeFactory(venue=venue, code="TEN")
    order = buy(fay, (ticket_type, 1), codes=["TEN"])
    assert "-$5.00 TEN" in as_(olga).get(url(type(order), "change", order.pk)).content.decode()


def test_two_who_make_the_same_code_make_it_once(olga, venue):
    managing.create(venue, olga, code="ONE", kind="percent", ppm=1)
    with pytest.raises(PromoCodeTaken):
        managing.create(venue, olga, code="one ", kind="percent", ppm=1)
