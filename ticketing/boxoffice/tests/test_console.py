"""The box office in the console: sold on a page by itself, kept back and given away by buttons."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from payments.book_checks import mismatches
from ticketing.models import Comp, DoorSale, HouseHold, Ticket, TicketType
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url

NAME = "admin:ticketing_doorsale_sell"


def counter(event) -> str:
    return reverse(f"{NAME}_event", args=[event.pk])


def key_of(response) -> str:
    return re.search(r'name="key" value="([^"]+)"', response.content.decode())[1]


@pytest.fixture
def sell(event, ticket_type):
    """Press Sell on the page; `key` is that of a page which is open already."""

    def go(user, *, key="", **typed):
        client = as_(user)
        key = key or key_of(client.get(counter(event)))
        said = {f"quantity_{ticket_type.pk}": "2", "method": "cash", "key": key, **typed}
        return client.post(counter(event), said)

    return go


def test_what_is_sold_is_shown_with_its_codes_and_the_change_to_give_back(sell, bea, ticket_type):
    answer = sell(bea, tendered="120.00")
    sale = DoorSale.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse(f"{NAME}_sale", args=[sale.pk]))
    assert (sale.sold_by, sale.tendered, sale.order.status) == (bea, 12_000, "paid")
    page = as_(bea).get(answer["Location"]).content.decode()
    assert "$100.00" in page
    assert "Give back $20.00" in page
    assert page.count("<svg") == 2
    paper = as_(bea).get(reverse(f"{NAME}_paper", args=[sale.pk]))
    assert paper.content.startswith(b"%PDF")
    assert list(mismatches()) == []


def test_pressing_twice_sells_once(sell, bea, event):
    key = key_of(as_(bea).get(counter(event)))
    first, again = sell(bea, key=key), sell(bea, key=key)
    assert first["Location"] == again["Location"]
    assert (DoorSale.objects.count(), Ticket.objects.count()) == (1, 2)


def test_the_key_of_a_sale_of_another_event_sells_and_shows_nothing(sell, bea, stan, event, other_venue):
    other = EventFactory(venue=other_venue)
    TicketTypeFactory(event=other)
    sell(bea)
    made = DoorSale.objects.get()
    kind = other.ticket_types.get()
    answer = as_(stan).post(counter(other), {f"quantity_{kind.pk}": "1", "method": "cash", "key": str(made.pk)})
    assert answer.status_code == 409
    assert made.order.number not in answer.content.decode()
    assert DoorSale.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"tendered": "99.99"}, "$100.00 is to be paid."),
        ({"tendered": "a lot"}, "not an exact amount of USD"),
        ({"method": "card_terminal"}, "Say what the terminal printed."),
        ({"method": "cheque"}, "not a valid choice"),
        ({"email": "fay"}, "valid email"),
    ],
)
def test_a_refusal_comes_back_with_what_was_typed(sell, bea, typed, words):
    answer = sell(bea, **typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert words in page
    assert 'value="2"' in page
    assert not Order.objects.exists()


def test_nothing_chosen_and_garbage_sell_nothing(sell, bea, ticket_type):
    for wanted in ("", "0", "-1", "two", "9999"):
        assert sell(bea, **{f"quantity_{ticket_type.pk}": wanted}).status_code == 409
    assert not Order.objects.exists()


def test_a_card_is_kept_with_what_its_terminal_printed(sell, bea):
    sell(bea, method="card_terminal", terminal_reference="TX-9", tendered="5")
    sale = DoorSale.objects.get()
    assert (sale.method, sale.terminal_reference, sale.tendered) == ("card_terminal", "TX-9", None)
    assert "TX-9" in as_(bea).get(reverse(f"{NAME}_sale", args=[sale.pk])).content.decode()


def test_whoever_has_one_event_is_led_to_it_and_others_choose_among_their_own(bea, gus, stan, event, venue):
    address = reverse(NAME)
    assert as_(bea).get(address)["Location"] == counter(event)
    EventFactory(venue=venue, name="Second Night")
    EventFactory(venue=venue, name="Long Gone", starts_at=timezone.now() - timedelta(days=3))
    page = as_(bea).get(address).content.decode()
    assert "Second Night" in page
    assert "Long Gone" not in page
    assert as_(gus).get(address).status_code == 403
    theirs = as_(stan).get(address)
    assert theirs.status_code == 200
    assert "Second Night" not in theirs.content.decode()


def test_the_screens_are_for_who_sells_there(sell, bea, gus, stan, fay, event):
    sell(bea)
    sale = DoorSale.objects.get()
    addresses = [
        counter(event),
        reverse(f"{NAME}_drawer", args=[event.pk]),
        reverse(f"{NAME}_sale", args=[sale.pk]),
        reverse(f"{NAME}_paper", args=[sale.pk]),
    ]
    for address in addresses:
        assert as_(gus).get(address).status_code == 403
        assert as_(stan).get(address).status_code in (403, 404)
        assert as_(fay).get(address).status_code == 302
        assert as_(bea).get(address).status_code == 200
    assert as_(stan).post(counter(event), {"method": "cash"}).status_code == 403


def test_the_drawers_of_today_are_on_a_page(sell, bea, event):
    sell(bea)
    page = as_(bea).get(reverse(f"{NAME}_drawer", args=[event.pk])).content.decode()
    assert "Bea Booth" in page
    assert "$100.00" in page


def add(user, typed):
    """Keep back on the form, having seen what that does."""
    seen = as_(user).post(url(HouseHold, "add"), typed).context["figures"]
    return as_(user).post(url(HouseHold, "add"), {**typed, "confirmed": seen})


def test_keeping_back_is_done_once_its_figures_were_seen(bea, ticket_type):
    typed = {"ticket_type": ticket_type.pk, "quantity": 30, "label": "Guests", "note": ""}
    page = as_(bea).post(url(HouseHold, "add"), typed)
    assert "On sale now: 100, afterwards: 70." in page.context["figures"]
    assert 'name="label" value="Guests"' in page.content.decode()
    assert not HouseHold.objects.exists()
    TicketType.objects.filter(pk=ticket_type.pk).update(held=10)
    again = as_(bea).post(url(HouseHold, "add"), {**typed, "confirmed": page.context["figures"]})
    assert "On sale now: 90, afterwards: 60." in again.context["figures"]
    as_(bea).post(url(HouseHold, "add"), {**typed, "confirmed": again.context["figures"]})
    assert HouseHold.objects.get().quantity == 30


def test_giving_and_letting_go_say_their_figures_first(bea, ticket_type):
    guest = {"name": "Gil Guest", "email": "gil@example.com", "reason": "Guest", "quantity": 2}
    address = url(TicketType, "button", ticket_type.pk, "give")
    seen = as_(bea).post(address, guest).context["figures"]
    assert "Gil Guest gets 2 tickets" in seen and "gil@example.com" in seen and "100, afterwards: 98" in seen
    assert not Comp.objects.exists()
    assert "Only 100" in press(bea, ticket_type, "give", **{**guest, "quantity": 101})
    assert "are kept back" in press(bea, ticket_type, "keep", quantity=30, label="Press", note="")
    assert HouseHold.objects.get().made_by == bea
    HouseHold.objects.all().delete()
    TicketType.objects.filter(pk=ticket_type.pk).update(house=0)
    add(bea, {"ticket_type": ticket_type.pk, "quantity": 5, "label": "Guests", "note": ""})
    hold = HouseHold.objects.get()
    TicketType.objects.filter(pk=ticket_type.pk).update(waiting=2)
    seen = as_(bea).post(url(HouseHold, "button", hold.pk, "release"), {"quantity": 3}).context["figures"]
    assert "“Guests” keeps 2" in seen and "waiting list: 2" in seen and "now: 95, afterwards: 96" in seen
    hold.refresh_from_db()
    assert hold.left == 5
    assert "keeps 5" in press(bea, hold, "release", quantity=6)


def test_tickets_are_kept_back_on_a_form_that_says_why_not(bea, stan, ticket_type):
    typed = {"ticket_type": ticket_type.pk, "quantity": 101, "label": "Artist guests", "note": ""}
    answer = as_(bea).post(url(HouseHold, "add"), typed)
    assert "Only 100" in errors_of(answer)
    assert add(bea, {**typed, "quantity": 100}).status_code == 302
    hold = HouseHold.objects.get()
    assert (hold.made_by, TicketType.objects.get(pk=ticket_type.pk).left) == (bea, 0)
    assert as_(stan).post(url(HouseHold, "add"), {**typed, "quantity": 1}).status_code == 200
    assert as_(bea).post(url(HouseHold, "change", hold.pk), {"quantity": 1}).status_code in (200, 302)
    hold.refresh_from_db()
    assert hold.quantity == 100


def test_a_hold_is_given_out_of_and_released_by_buttons(bea, ticket_type):
    typed = {"ticket_type": ticket_type.pk, "quantity": 5, "label": "Artist guests", "note": ""}
    add(bea, typed)
    hold = HouseHold.objects.get()
    guest = {"name": "Gil Guest", "email": "gil@example.com", "reason": "Guest of the artist"}
    assert "were given away" in press(bea, hold, "give", quantity=2, **guest)
    assert Comp.objects.get().house_hold == hold
    assert "keeps 3" in press(bea, hold, "give", quantity=4, **guest)
    press(bea, hold, "release", quantity=1)
    press(bea, hold, "release")
    hold.refresh_from_db()
    assert (hold.given, hold.released, hold.left) == (2, 3, 0)
    assert buttons_on(bea, hold) == set()


def test_tickets_on_sale_are_given_away_from_the_page_of_their_type(bea, gus, ticket_type):
    assert "give" in buttons_on(bea, ticket_type)
    assert "give" not in buttons_on(gus, ticket_type)
    press(bea, ticket_type, "give", quantity=1, name="Gil", email="gil@example.com", reason="Press")
    comp = Comp.objects.get()
    assert (comp.house_hold, comp.given_by, comp.order.channel) == (None, bea, "comp")
    assert as_(bea).get(url(Comp, "change", comp.pk)).status_code == 200


def test_an_events_page_counts_each_way_apart_and_leads_to_the_counter(sell, bea, gus, event, ticket_type):
    sell(bea)
    press(bea, ticket_type, "give", quantity=1, name="Gil", email="gil@example.com", reason="Press")
    [section] = _ways(bea, event)
    assert [row[1:] for row in section.rows] == [[0, 0, "$0.00"], [1, 2, "$100.00"], [1, 1, "$0.00"]]
    assert section.link == counter(event)
    assert [each.link for each in _ways(gus, event)] == [""]


def _ways(user, event):
    page = as_(user).get(url(type(event), "change", event.pk))
    return [each for each in page.context["sections"] if each.title == "How its tickets went out"]


def test_of_a_large_house_the_ways_are_counted_when_somebody_asks(sell, bea, event, ticket_type, monkeypatch):
    sell(bea)
    monkeypatch.setattr("ticketing.boxoffice.admin.COUNTED", 1)
    [section] = _ways(bea, event)
    assert (section.rows, section.link) == ([], counter(event))
    assert "2 tickets were sold" in section.empty
    page = as_(bea).get(url(type(event), "change", event.pk) + section.choices[0].url)
    [section] = [each for each in page.context["sections"] if each.title == "How its tickets went out"]
    assert section.rows[1][1:] == [1, 2, "$100.00"]


def test_the_page_of_a_sale_whose_order_names_no_event_leads_to_all_events(bea, event, ticket_type, sell):
    shown = sell(bea)
    sale = DoorSale.objects.get()
    Order.objects.filter(pk=sale.order_id).update(event=None)
    page = as_(bea).get(shown["Location"])
    assert page.status_code == 200
    assert page.context["next"] == reverse(NAME)
