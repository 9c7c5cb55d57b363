"""A quote in a cart holds a space; paid, it is a reservation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events import lifecycle
from notifications.models import Notification
from notifications.values import moment
from orders import access, cancellation, expiry
from orders.models import Order
from orders.receivers import adopt_guest_orders
from orders.tests.carts import ORDERS, place
from parking.booking.models import ParkingReservation
from parking.booking.tests.booked import RESERVATIONS, held, offered, reserved, tomorrow
from parking.models import SpaceUse
from parking.spaces import counting
from payments import charges, sandbox_payer
from payments.models import ConnectedAccount, Payment, PaymentSplit, Refund
from trufan.testing import CapacityFactory, LotFactory, PromoCodeFactory, TaxRateFactory

pytestmark = pytest.mark.django_db


def left(capacity, hours=4):
    begins = tomorrow()
    return counting.left(capacity, begins, begins + timedelta(hours=hours), timezone.now())


def line(offer, quantity=1):
    return {"type": "parking", "id": str(offer.pk), "quantity": quantity}


def test_ticket_and_parking_are_one_order_and_one_payment(api, fay, capacity, ticket_type):
    TaxRateFactory(venue=capacity.lot.venue, category="parking", rate_ppm=100_000)
    ticket = {"type": "ticket", "id": str(ticket_type.pk), "quantity": 2}
    placed = api.as_(fay).post(ORDERS, {"items": [ticket, line(offered(capacity, fay, plate="ABC 123"))]})
    assert placed.status_code == 201
    assert [each["total"] for each in placed.json()["items"]][1] == 1_870
    assert left(capacity) == 19
    paid = api.as_(fay).post(f"{ORDERS}/{placed.json()['id']}/pay", {"payment_method": "pm_card_visa"})
    assert paid.json()["status"] == "succeeded"
    assert Payment.objects.count() == 1
    found = api.as_(fay).get(RESERVATIONS).json()["results"]
    assert [(each["status"], each["plate"], each["price"]) for each in found] == [("confirmed", "ABC 123", 1_700)]
    assert found[0]["code"].startswith("PR1.")
    assert left(capacity) == 19
    assert Notification.objects.filter(template="parking_confirmed").count() == 1


def test_an_independent_lot_gets_its_money(fay, venue):
    account = ConnectedAccount.objects.create(venue_id=venue.pk, provider="sandbox", name="Park & Co", country="US")
    capacity = CapacityFactory(lot=LotFactory(venue=venue, connected_account=account, operator_name="Park & Co"))
    reserved(fay, capacity)
    assert [(split.account_id, split.amount) for split in PaymentSplit.objects.all()] == [(account.pk, 1_700)]


def test_a_validation_pays_a_part(api, fay, capacity):
    PromoCodeFactory(venue=capacity.lot.venue, code="GRILL", kind="parking", ppm=500_000)
    placed = api.as_(fay).post(ORDERS, {"items": [line(offered(capacity, fay))], "promo_code": "grill"}).json()
    assert (placed["discount"], placed["total"]) == (850, 850)


def test_a_quote_is_for_one_space_and_for_one_order(api, fay, stan, capacity):
    offer = offered(capacity)
    assert (
        api.as_(fay).post(ORDERS, {"items": [line(offer, 2)]}).json()["error"]["details"][0]["code"] == "not_for_sale"
    )
    assert api.as_(fay).post(ORDERS, {"items": [line(offer)]}).status_code == 201
    second = api.as_(stan).post(ORDERS, {"items": [line(offer)]})
    assert (second.status_code, second.json()["error"]["code"]) == (409, "sold_out")
    assert left(capacity) == 19


def test_a_quote_that_was_paid_is_not_sold_again(api, fay, capacity):
    offer = offered(capacity, fay)
    order = place(fay, (offer, 1))
    charges.start(order, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    assert api.as_(fay).post(ORDERS, {"items": [line(offer)]}).status_code == 409


def test_a_quote_that_is_over_is_not_ordered(api, fay, capacity):
    offer = offered(capacity, fay, now=timezone.now() - timedelta(minutes=11))
    refused = api.as_(fay).post(ORDERS, {"items": [line(offer)]})
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (422, "offer_expired")
    assert api.as_(fay).post(f"{ORDERS}/preview", {"items": [line(offer)]}).status_code == 422
    assert not SpaceUse.objects.exists()


def test_a_lot_that_was_closed_since_its_quote_is_not_sold(api, fay, capacity, lot):
    offer = offered(capacity, fay)
    lot.status = "closed"
    lot.save()
    refused = api.as_(fay).post(ORDERS, {"items": [line(offer)]})
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (422, "lot_not_open")


def test_who_orders_again_on_the_same_quote_keeps_the_space_when_the_first_order_ends(api, fay, lot, capacity):
    """The quote outlives the hold: the second order ends the first one, whose end then takes nothing from it."""
    lot.quote_minutes = 60
    lot.save()
    capacity.spaces = 1
    capacity.save()
    offer, later = offered(capacity, fay), timezone.now() + timedelta(minutes=11)
    first = place(fay, (offer, 1))
    second = place(fay, (offer, 1), now=later)
    assert Order.objects.get(pk=first.pk).status == "expired"
    assert expiry.expire_overdue(later) == 0
    held = SpaceUse.objects.get(is_active=True)
    assert held.held_until == second.expires_at
    charges.start(second, payer=fay, payment_method="pm_card_visa", now=later)
    assert ParkingReservation.objects.get().order_id == second.pk


def test_money_that_comes_when_the_time_is_over_goes_back(fay, capacity):
    order = held(fay, capacity)
    payment = charges.start(order, payer=fay, payment_method="pm_card_authenticationRequired", now=timezone.now())
    sandbox_payer.confirm(payment.pk, payment.client_secret, "succeed", tomorrow(23))
    assert not ParkingReservation.objects.exists()
    assert Refund.objects.get().amount == payment.amount


def test_a_cart_of_many_quotes_is_read_in_as_many_queries_as_one(fay, venue, django_assert_num_queries):
    kinds = [CapacityFactory(lot=LotFactory(venue=venue)) for _ in range(4)]
    offers = [offered(kind, fay) for kind in kinds]
    for some in (offers[:1], offers):
        with django_assert_num_queries(4):
            found = type(offers[0]).for_sale([offer.pk for offer in some], timezone.now())
            assert [offer.left for offer in found.values()] == [20] * len(some)


def test_a_cancelled_event_leaves_a_cart_with_parking_for_it_alone(fay, olga, event, capacity):
    """Its ticket cannot be sold any more; the space can, and who booked it decides."""
    offer = offered(capacity, fay)
    type(offer).objects.update(event=event)
    order = place(fay, (offer, 1))
    lifecycle.cancel(event, by=olga, now=timezone.now())
    assert Order.objects.get(pk=order.pk).status == "pending"
    assert left(capacity) == 19


def test_an_order_keeps_its_quote_however_long_it_is_changed(api, fay, capacity, ticket_type):
    order = held(fay, capacity)
    offer = order.items.get()
    type(offered(capacity)).objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    items = [{"type": "parking", "id": str(offer.item_id), "quantity": 1},
             {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]  # fmt: skip
    assert api.as_(fay).patch(f"{ORDERS}/{order.pk}", {"items": items}).status_code == 200
    assert left(capacity) == 19
    assert api.as_(fay).patch(f"{ORDERS}/{order.pk}", {"items": items[1:]}).status_code == 200
    assert left(capacity) == 20


def test_a_cancelled_or_lapsed_order_lets_its_space_go(fay, capacity):
    order = held(fay, capacity)
    cancellation.cancel(order, by=fay, now=timezone.now())
    assert left(capacity) == 20
    held(fay, capacity)
    later = timezone.now() + timedelta(minutes=11)
    begins = tomorrow()
    assert counting.left(capacity, begins, begins + timedelta(hours=4), later) == 20
    assert expiry.expire_overdue(later) == 1
    assert not SpaceUse.objects.filter(is_active=True).exists()


def test_who_pays_late_gets_the_space_while_it_is_free(fay, capacity):
    order = held(fay, capacity)
    later = timezone.now() + timedelta(minutes=11)
    payment = charges.start(order, payer=fay, payment_method="pm_card_authenticationRequired", now=timezone.now())
    assert payment.status == "requires_action"
    expiry.expire_overdue(later)
    sandbox_payer.confirm(payment.pk, payment.client_secret, "succeed", later)
    assert Order.objects.get(pk=order.pk).status == "paid"
    assert ParkingReservation.objects.get().status == "confirmed"


def test_money_that_comes_once_the_space_is_gone_goes_back(fay, stan, capacity):
    capacity.spaces = 1
    capacity.save()
    order = held(fay, capacity)
    payment = charges.start(order, payer=fay, payment_method="pm_card_authenticationRequired", now=timezone.now())
    later = timezone.now() + timedelta(minutes=11)
    # Nobody swept: the next buyer finds it free all the same.
    other = place(stan, (offered(capacity, stan, now=later), 1), now=later)
    charges.start(other, payer=stan, payment_method="pm_card_visa", now=later)
    sandbox_payer.confirm(payment.pk, payment.client_secret, "succeed", later)
    assert [reservation.order_id for reservation in ParkingReservation.objects.all()] == [other.pk]
    assert Refund.objects.get().amount == payment.amount


def test_a_guest_reserves_and_sees_it_by_the_orders_code(api, capacity):
    found = reserved(None, capacity)
    url = f"{RESERVATIONS}/{found.pk}"
    assert api.get(url).status_code == 404
    shown = api.get(url, headers={"X-Order-Access-Code": access.code_for(found.order)})
    assert (shown.status_code, shown.json()["code"][:4]) == (200, "PR1.")
    picture = api.get(f"{url}/qr.svg", headers={"X-Order-Access-Code": access.code_for(found.order)})
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")


def test_staff_see_their_venues_reservations_without_codes(api, fay, val, stan, olga, capacity):
    found = reserved(fay, capacity, plate="B0X 15")
    rows = api.as_(val).get(RESERVATIONS, {"venue": str(capacity.lot.venue_id), "plate": "box 1S"}).json()["results"]
    assert [(row["id"], row["code"]) for row in rows] == [(str(found.pk), None)]
    assert api.as_(val).get(f"{RESERVATIONS}/{found.pk}").json()["code"] is None
    assert api.as_(stan).get(f"{RESERVATIONS}/{found.pk}").status_code == 404
    assert api.as_(stan).get(RESERVATIONS, {"venue": str(capacity.lot.venue_id)}).status_code == 403
    assert api.as_(stan).get(RESERVATIONS).json()["count"] == 0


def test_a_list_costs_the_same_however_long_it_is(api, fay, capacity, django_assert_num_queries):
    reserved(fay, capacity)
    with django_assert_num_queries(2):
        api.as_(fay).get(RESERVATIONS)
    for _ in range(3):
        reserved(fay, capacity)
    with django_assert_num_queries(2):
        assert api.as_(fay).get(RESERVATIONS).json()["count"] == 4


def test_an_account_takes_over_what_its_guest_booked(capacity, fay):
    found = reserved(None, capacity)
    fay.email = found.order.contact_email
    fay.save()
    adopt_guest_orders(None, user=fay)
    found.refresh_from_db()
    assert found.holder_id == fay.pk


def test_a_list_is_narrowed_by_state_lot_and_time(api, fay, capacity, venue):
    first = reserved(fay, capacity)
    other = reserved(fay, CapacityFactory(lot=LotFactory(venue=venue)))
    over = reserved(fay, capacity)
    past = timezone.now() - timedelta(days=3)
    ParkingReservation.objects.filter(pk=over.pk).update(starts_at=past, ends_at=past + timedelta(hours=1))
    other.move("inside", entries=1)

    def ids(**params):
        rows = api.as_(fay).get(RESERVATIONS, params).json()["results"]
        return {row["id"] for row in rows}

    assert ids() == {str(each.pk) for each in (first, other, over)}
    assert ids(upcoming="false") == {str(over.pk)}
    assert ids(upcoming="true", lot=str(capacity.lot_id)) == {str(first.pk)}
    assert ids(status="inside") == {str(other.pk)}
    assert ids(starts_before=past + timedelta(hours=1)) == {str(over.pk)}
    for params in ({"status": "lost"}, {"upcoming": "perhaps"}, {"lot": "north"}, {"venue": "here"}):
        assert api.as_(fay).get(RESERVATIONS, params).status_code == 422
    assert api.get(RESERVATIONS).status_code == 401


def test_the_code_opens_nothing_once_it_is_over(api, fay, capacity):
    found = reserved(fay, capacity)
    url = f"{RESERVATIONS}/{found.pk}"
    assert api.as_(fay).get(f"{url}/qr.svg").content.startswith(b"<?xml")
    found.move("cancelled")
    assert api.as_(fay).get(f"{url}/qr.svg").status_code == 409
    assert api.as_(fay).get(url).json()["code"] is None


def test_nobody_but_its_holder_sees_the_code(api, fay, stan, val, capacity):
    found = reserved(fay, capacity)
    for who in (stan, val, None):
        assert api.as_(who).get(f"{RESERVATIONS}/{found.pk}/qr.svg").status_code == 404


def test_a_mail_says_where_when_and_how_to_get_in(fay, lot, capacity):
    lot.street, lot.city = "4 Pennsylvania Plaza", "New York"
    lot.save()
    found = reserved(fay, capacity, plate="FAY 1")
    context = Notification.objects.get(template="parking_confirmed", recipient=fay.email).context
    assert (context["lot"], context["address"], context["plate"]) == (
        lot.name,
        "4 Pennsylvania Plaza, New York",
        "FAY 1",
    )
    assert context["order_url"].endswith(f"/parking/reservations/{found.pk}")
    begins = found.starts_at.astimezone(lot.zone)
    assert context["starts"] == moment(begins, begins.tzinfo)
