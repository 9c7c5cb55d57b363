"""Bundles: several tickets at one price, out of the stock of their types, each refunded at what it cost."""

from __future__ import annotations

import pytest

from audit.models import AuditLog
from orders.models import Order, OrderItem, OrderRefund
from orders.tests.refunds import send
from ticketing.inventory_check import differences
from ticketing.models import Bundle, Ticket, TicketType
from ticketing.pricing.tests.shop import ORDERS, PREVIEW, cart, line, pay, problems
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_, url


@pytest.fixture
def adult(event) -> TicketType:
    return TicketTypeFactory(event=event, name="Adult", price=4_000)


@pytest.fixture
def child(event) -> TicketType:
    return TicketTypeFactory(event=event, name="Child", price=2_000)


@pytest.fixture
def family(event, adult, child) -> Bundle:
    """Two adults and two children: 120.00 singly, 100.00 together."""
    row = Bundle.objects.create(event=event, name="Family of four", price=10_000)
    row.lines.create(ticket_type=adult, count=2)
    row.lines.create(ticket_type=child, count=2)
    return row


def bundles(row, quantity=1):
    return {"bundles": [{"id": str(row.pk), "quantity": quantity}]}


def listing(event):
    return f"/api/v1/events/{event.pk}/bundles"


def detail(row):
    return f"/api/v1/bundles/{row.pk}"


def test_it_becomes_tickets_at_parts_of_its_price_that_add_up(api, fay, adult, child, family):
    placed = api.as_(fay).post(ORDERS, bundles(family))
    assert placed.status_code == 201
    items = placed.json()["items"]
    parts = [(item["item_id"], item["quantity"], item["unit_price"]) for item in items]
    # A hundred, three to one and to the cent: 33.34 + 33.33 for the adults, 16.67 + 16.66 for the children.
    assert sum(quantity * price for _, quantity, price in parts) == placed.json()["total"] == 10_000
    assert {price for pk, _, price in parts if pk == str(adult.pk)} == {3_333, 3_334} or len(parts) < 4
    assert sum(quantity for pk, quantity, _ in parts if pk == str(child.pk)) == 2
    assert {item["bundle"] for item in items} == {str(family.pk)}
    assert items[0]["description"] == "Adult (Family of four), Opening Night"
    pay(api.as_(fay), placed.json())
    assert Ticket.objects.filter(holder=fay).count() == 4
    assert (TicketType.objects.get(pk=adult.pk).sold, TicketType.objects.get(pk=child.pk).sold) == (2, 2)
    assert list(differences()) == []


def test_percent_off_is_off_the_single_prices(api, fay, family):
    Bundle.objects.update(price=None, ppm=250_000)
    shown = api.as_(fay).post(PREVIEW, bundles(family, 2)).json()
    assert (shown["total"], {item["unit_price"] for item in shown["items"]}) == (18_000, {3_000, 1_500})


def test_it_stands_beside_other_lines(api, fay, ticket_type, family):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type), **bundles(family))).json()
    assert placed["total"] == 15_000
    assert placed["items"][0]["bundle"] is None


def test_without_lines_and_bundles_a_cart_is_refused(api, fay, family):
    for body in ({}, {"bundles": []}):
        assert problems(api.as_(fay).post(ORDERS, body)) == [("items", "required")]


def test_all_of_it_is_held_or_none(api, fay, adult, child, family):
    TicketType.objects.filter(pk=child.pk).update(quantity=1)
    answer = api.as_(fay).post(ORDERS, bundles(family))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sold_out")
    assert TicketType.objects.get(pk=adult.pk).held == 0
    assert not Order.objects.exists()


def test_an_order_takes_so_many(api, fay, family):
    answer = api.as_(fay).post(ORDERS, bundles(family, 6))
    assert (answer.status_code, problems(answer)) == (422, [("bundles[0].quantity", "not_for_sale")])
    twice = {"bundles": [*bundles(family, 3)["bundles"], *bundles(family, 3)["bundles"]]}
    assert [field for field, _ in problems(api.as_(fay).post(ORDERS, twice))] == [
        "bundles[0].quantity", "bundles[1].quantity",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [{"is_active": False}, {"event": None}])
def test_one_that_is_not_on_sale_is_refused(api, fay, adult, child, family, change):
    if "event" in change:
        family.lines.all().delete()
    else:
        Bundle.objects.update(**change)
    answer = api.as_(fay).post(ORDERS, bundles(family))
    assert (answer.status_code, problems(answer)) == (422, [("bundles[0].id", "not_for_sale")])


@pytest.mark.parametrize("given", ["x", [1], [{"id": "x", "quantity": 1}], [{"quantity": 1}], [{"id": None}]])
def test_garbage_is_refused(api, fay, given):
    assert api.as_(fay).post(ORDERS, {"bundles": given}).status_code == 422


def test_nobody_makes_a_bundle_price_of_their_own(api, fay, adult, family):
    part = {"id": str(family.pk), "name": "Mine", "unit_price": 1}
    placed = api.as_(fay).post(ORDERS, cart(line(adult, bundles=part, bundle=str(family.pk))))
    assert placed.status_code == 422 or placed.json()["total"] == 4_000


def test_a_hidden_type_in_it_needs_its_code(api, fay, event, child, family):
    TicketType.objects.filter(pk=child.pk).update(visibility="hidden")
    assert api.as_(fay).post(ORDERS, bundles(family)).status_code == 422
    assert api.get(listing(event)).json()["count"] == 0


def test_each_ticket_is_refunded_at_what_it_cost(api, fay, olga, adult, child, family):
    placed = api.as_(fay).post(ORDERS, bundles(family)).json()
    pay(api.as_(fay), placed)
    total = 0
    for item in placed["items"]:
        asked = {"items": [{"id": item["id"], "quantity": item["quantity"]}], "reason": "Rain"}
        answer = api.as_(olga).post(f"{ORDERS}/{placed['id']}/refunds", asked)
        assert answer.json()["amount"] == item["total"]
        send(OrderRefund.objects.get(pk=answer.json()["id"]))
        total += item["total"]
    assert (total, Order.objects.get().status) == (10_000, "refunded")
    assert TicketType.objects.get(pk=adult.pk).sold == 0


def test_a_change_replaces_what_it_names_and_leaves_the_rest(api, fay, ticket_type, family):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type), **bundles(family))).json()
    address = f"{ORDERS}/{placed['id']}"
    changed = api.as_(fay).patch(address, cart(line(ticket_type, 2)))
    assert (changed.status_code, changed.json()["total"]) == (200, 20_000)
    # Its price is what it was when it was put in the cart.
    Bundle.objects.update(price=1)
    assert api.as_(fay).patch(address, {"event": None}).json()["total"] == 20_000
    changed = api.as_(fay).patch(address, bundles(family, 2))
    assert (changed.json()["total"], OrderItem.objects.filter(options__has_key="bundle").exists()) == (10_002, True)
    assert api.as_(fay).patch(address, {"bundles": []}).json()["total"] == 10_000
    assert list(differences()) == []


def test_it_is_listed_with_its_parts_and_what_is_left(api, event, adult, family):
    TicketType.objects.filter(pk=adult.pk).update(quantity=7)
    (row,) = api.get(listing(event)).json()["results"]
    assert (row["price"], row["single_price"], row["percent_off"], row["left"]) == (10_000, 12_000, None, 3)
    assert [(each["name"], each["count"]) for each in row["lines"]] == [("Adult", 2), ("Child", 2)]
    assert api.get(detail(family)).json() == row


def test_the_list_costs_the_same_for_any_number_of_bundles(api, event, adult, family, django_assert_num_queries):
    for number in range(3):
        Bundle.objects.create(event=event, name=str(number), price=1).lines.create(ticket_type=adult, count=1)
    with django_assert_num_queries(5):
        assert api.get(listing(event)).json()["count"] == 4


def test_staff_make_and_change_them_and_each_is_written_down(api, olga, event, adult, child):
    lines = [{"ticket_type": str(adult.pk), "count": 2}, {"ticket_type": str(child.pk), "count": 1}]
    made = api.as_(olga).post(listing(event), {"name": "Trio", "ppm": 100_000, "lines": lines})
    assert (made.status_code, made.json()["price"], made.json()["percent_off"]) == (201, 9_000, 10.0)
    address = f"/api/v1/bundles/{made.json()['id']}"
    changed = api.as_(olga).patch(address, {"price": 8_000, "ppm": 0, "lines": lines[:1]})
    assert (changed.status_code, changed.json()["price"], len(changed.json()["lines"])) == (200, 8_000, 1)
    assert api.as_(olga).patch(address, {"is_active": False}).status_code == 200
    assert api.get(address).status_code == 404
    actions = AuditLog.objects.filter(action__startswith="bundle.").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["bundle.created", "bundle.changed", "bundle.changed"]
    again = api.as_(olga).post(listing(event), {"name": "Trio", "price": 1, "lines": lines})
    assert again.json()["error"]["code"] == "bundle_name_taken"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": None}, "price"),
        ({"ppm": 1}, "ppm"),
        ({"lines": []}, "lines"),
        ({"lines": "twice"}, "lines"),
        ({"lines": "foreign"}, "lines[0].ticket_type"),
    ],
)
def test_nonsense_is_refused(api, olga, venue, event, adult, change, field):
    foreign = TicketTypeFactory(event=EventFactory(venue=venue))
    one = {"ticket_type": str(adult.pk), "count": 1}
    lines = {"twice": [one, one], "foreign": [{**one, "ticket_type": str(foreign.pk)}]}
    body = {"name": "Pair", "price": 1, "lines": [one], **change}
    if isinstance(body["lines"], str):
        body["lines"] = lines[body["lines"]]
    answer = api.as_(olga).post(listing(event), body)
    assert (answer.status_code, problems(answer)[0][0]) == (422, field)
    assert not Bundle.objects.exists()


@pytest.mark.parametrize("who", ["stan", "fay", "gus"])
def test_others_change_nothing(api, event, adult, family, who, request):
    caller = api.as_(request.getfixturevalue(who))
    body = {"name": "Mine", "price": 1, "lines": [{"ticket_type": str(adult.pk), "count": 1}]}
    assert caller.post(listing(event), body).status_code == 403
    assert caller.patch(detail(family), {"price": 1}).status_code == 403
    assert Bundle.objects.get().price == 10_000


def test_a_type_that_a_bundle_has_is_not_deleted(api, olga, adult, family):
    answer = api.as_(olga).delete(f"/api/v1/ticket-types/{adult.pk}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ticket_type_in_use")


def test_the_console_makes_one_line_by_line(olga, event, adult, child):
    typed = {
        "event": event.pk, "name": "Pair", "description": "", "price": "70.00", "ppm": "", "max_per_order": 5,
        "position": 0, "is_active": "on", "lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 0,
        "lines-0-ticket_type": adult.pk, "lines-0-count": 1, "lines-1-ticket_type": child.pk, "lines-1-count": 3,
    }  # fmt: skip
    assert as_(olga).post(url(Bundle, "add"), typed).status_code == 302
    row = Bundle.objects.get()
    assert (row.price, {line.ticket_type: line.count for line in row.lines.all()}) == (7_000, {adult: 1, child: 3})
    typed |= {"price": "", "ppm": "10", "lines-TOTAL_FORMS": 0, "lines-INITIAL_FORMS": 0}
    assert as_(olga).post(url(Bundle, "change", row.pk), typed).status_code == 302
    row.refresh_from_db()
    assert (row.price, row.ppm) == (None, 100_000)


@pytest.mark.parametrize(
    "part", [{}, {"count": 1}, {"ticket_type": "own"}, None, "x", [], {"ticket_type": None, "count": 1}]
)
def test_half_a_line_of_a_bundle_is_refused_also_in_a_change(api, olga, event, ticket_type, part):
    whole = {"ticket_type": str(ticket_type.pk), "count": 4}
    asked = {"name": "Family of four", "price": 1_000, "lines": [whole]}
    made = api.as_(olga).post(f"/api/v1/events/{event.pk}/bundles", asked).json()
    if isinstance(part, dict) and part.get("ticket_type") == "own":
        part = {"ticket_type": str(ticket_type.pk)}
    answer = api.as_(olga).patch(f"/api/v1/bundles/{made['id']}", {"lines": [part]})
    assert answer.status_code == 422, answer.content
    assert api.as_(olga).patch(f"/api/v1/bundles/{made['id']}", {"name": "Family"}).json()["lines"][0]["count"] == 4
