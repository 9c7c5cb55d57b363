"""Lists of the console stay quick as they grow: their queries, how far they count, how they are searched."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.models import Order
from ticketing.models import Ticket
from trufan.lib.console.paging import PAGES, ROWS, BoundedPaginator, bound_at
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_, url
from trufan.tests.console_rows import sale_of
from trufan.tests.test_console_pages import more_rows
from venues.models import Venue

APPS = {
    label: [model for _, model in models]
    for label, models in groupby(
        sorted(
            ((model._meta.app_label, model) for model in admin.site._registry),
            key=lambda pair: (pair[0], pair[1]._meta.model_name),
        ),
        key=lambda pair: pair[0],
    )
}


def queries(client: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200, address
    return len(found)


@pytest.mark.parametrize("app", sorted(APPS))
def test_every_list_takes_as_many_queries_for_many_rows_as_for_few(app: str, venue: Venue, ada: User) -> None:
    client = as_(ada)
    addresses = [url(model, "changelist") for model in APPS[app]]
    more_rows(venue, 2)
    for address in addresses:
        client.get(address)
    few = {address: queries(client, address) for address in addresses}
    more_rows(venue, 30)
    many = {address: queries(client, address) for address in addresses}
    assert many == few
    assert max(many.values()) < 100


@pytest.fixture
def three(event: Any, fay: User) -> list[Ticket]:
    kind = TicketTypeFactory(event=event)
    return [sale_of(kind, fay, f"Name{number}")[Ticket] for number in range(3)]


def test_a_list_counts_no_further_than_its_bound(three: list[Ticket]) -> None:
    rows = Ticket.objects.all()
    pages = BoundedPaginator(rows, 1, bound=2)
    with CaptureQueriesContext(connection) as found:
        assert (pages.count, pages.has_more, pages.num_pages) == (2, True, 2)
    assert len(found) == 1
    assert "LIMIT 3" in found[0]["sql"]
    whole = BoundedPaginator(rows, 1, bound=3)
    assert (whole.count, whole.has_more) == (3, False)


def test_pages_can_be_turned_beyond_the_first_thousand_rows_up_to_an_end() -> None:
    assert bound_at(None, 50) == bound_at("1", 50) == bound_at("nonsense", 50) == bound_at("9" * 30, 50) == ROWS
    assert bound_at("50", 50) == 60 * 50
    assert bound_at("5000", 50) == (PAGES + 10) * 50


def test_a_long_list_says_that_there_is_more(ada: User, three: list[Ticket], monkeypatch: Any) -> None:
    monkeypatch.setattr("trufan.lib.console.tenancy.bound_at", lambda page, per_page: 2)
    assert "More than 2 results" in as_(ada).get(url(Ticket, "changelist")).content.decode()
    monkeypatch.setattr("trufan.lib.console.tenancy.bound_at", lambda page, per_page: 3)
    assert "More than" not in as_(ada).get(url(Ticket, "changelist")).content.decode()


def test_tickets_are_found_by_their_order_their_holder_and_their_seat(olga: User, three: list[Ticket]) -> None:
    mine = three[1]
    Ticket.objects.filter(pk=mine.pk).update(seat="A-1-7")
    elsewhere = sale_of(TicketTypeFactory(event=EventFactory()), olga, "Name1")[Ticket]
    Ticket.objects.filter(pk=elsewhere.pk).update(seat="A-1-7")
    for typed in (mine.number[:8], mine.order.number, "name1", "a-1-7"):
        found = list(as_(olga).get(url(Ticket, "changelist"), {"q": typed}).context["cl"].result_list)
        assert found == [mine], typed


def test_a_search_that_means_nothing_finds_nothing(olga: User, three: list[Ticket]) -> None:
    for model in (Ticket, Order):
        assert list(as_(olga).get(url(model, "changelist"), {"q": "nobody@"}).context["cl"].result_list) == []


def test_no_search_of_a_long_list_leaves_the_indexes(ada: User, three: list[Ticket]) -> None:
    """Contained words and upper-cased columns are in no index; parts of names are looked for near today alone."""
    pages = [page for page in admin.site._registry.values() if isinstance(page, IndexedSearchMixin)]
    assert len(pages) >= 9
    for page in pages:
        for typed in ("ABCD12", "somebody@example.com", "Pat", "+12125550123", "417"):
            with CaptureQueriesContext(connection) as found:
                as_(ada).get(url(page.model, "changelist"), {"q": typed})
            assert not any("'%" in query["sql"] for query in found if " LIKE " in query["sql"]), page.model
