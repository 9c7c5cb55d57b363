"""Any list of the console as a file: its rows as they were narrowed, and nothing of another venue."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib import admin
from openpyxl import load_workbook

from audit.models import AuditLog
from orders.models import Order
from orders.tests.carts import buy
from trufan.lib.console import exporting
from trufan.testing import TicketTypeFactory, UserFactory
from trufan.tests.console_client import as_, url
from trufan.tests.console_rows import rows_of
from trufan.tests.test_console_tenancy import PLATFORM

pytestmark = pytest.mark.django_db
SECRET, OWN = "Zanzibar", "Quixote"


def exported(user: Any, model: Any, **query: Any) -> list[list[str]]:
    answer = as_(user).get(url(model, "export"), query)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_no_export_of_any_list_holds_a_row_of_another_venue(venue, other_venue, stan):
    venue.name, other_venue.name = f"{SECRET} Arena", f"{OWN} Hall"
    venue.save()
    other_venue.save()
    secret, own = rows_of(venue, SECRET), rows_of(other_venue, OWN)
    client = as_(stan)
    for page in admin.site._registry.values():
        for kind in ("csv", "xlsx"):
            answer = client.get(url(page.model, "export"), {"as": kind})
            if page.model in PLATFORM or not page.has_view_permission(answer.wsgi_request):
                assert answer.status_code == 403, page
                continue
            content = b"".join(answer.streaming_content)
            if kind == "csv":
                words = content.decode()
            else:
                sheet = load_workbook(io.BytesIO(content)).active
                words = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
            assert SECRET.lower() not in words.lower(), page
            assert str(secret[page.model].pk) not in words, page
            assert str(own[page.model].pk) in words, page


def test_it_holds_the_rows_of_the_list_as_it_was_narrowed(olga, ticket_type):
    ticket_type.price = 1_250
    ticket_type.save()
    paid = buy(UserFactory(), (ticket_type, 2))
    other = buy(UserFactory(), (ticket_type, 1))
    header, *rows = exported(olga, Order)
    assert header[:3] == ["id", "number", "status"]
    assert {row[0] for row in rows} == {str(paid.pk), str(other.pk)}
    by_title = dict(zip(header, next(row for row in rows if row[0] == str(paid.pk)), strict=True))
    assert (by_title["total"], by_title["currency"]) == (f"{paid.amount_total / 100:.2f}", paid.currency)
    assert by_title["status"] == "paid"
    assert [row[0] for row in exported(olga, Order, q=paid.number)[1:]] == [str(paid.pk)]
    assert [row[0] for row in exported(olga, Order, status__exact="cancelled")[1:]] == []
    ascending = [row[1] for row in exported(olga, Order, o="0")[1:]]
    assert ascending == sorted(ascending)


def test_text_is_never_a_formula(olga, ticket_type):
    buy(UserFactory(), (ticket_type, 1))
    Order.objects.update(contact_name="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in exported(olga, Order)[1]


def test_each_export_is_written_into_the_trail(olga, venue, ticket_type):
    buy(UserFactory(), (ticket_type, 1))
    exported(olga, Order, q="somebody@example.com")
    entry = AuditLog.objects.get(action="list.exported")
    assert (entry.venue_id, entry.actor_id) == (venue.pk, olga.pk)
    assert entry.new_values == {"list": "orders.order", "narrowed_by": ["q"], "file": "csv", "rows": 0, "venues": 1}


def test_the_entry_tells_how_many_rows_left_and_of_which_venue(ada, venue, other_venue, ticket_type):
    buy(UserFactory(), (ticket_type, 1))
    client = as_(ada)
    b"".join(client.get(url(Order, "export")).streaming_content)
    session = client.session
    session["console_venue"] = str(venue.pk)
    session.save()
    b"".join(client.get(url(Order, "export")).streaming_content)
    entries = AuditLog.objects.filter(action="list.exported").order_by("created_at")
    told = [(entry.venue_id, entry.new_values["rows"], entry.new_values["venues"]) for entry in entries]
    assert told == [(None, 1, "all"), (venue.pk, 1, 1)]


def test_a_file_for_people_begins_with_the_mark_that_excel_looks_for(olga, ticket_type):
    buy(UserFactory(), (ticket_type, 1))
    content = b"".join(as_(olga).get(url(Order, "export")).streaming_content)
    assert content.startswith(b"\xef\xbb\xbfid,")


def test_queries_grow_by_the_thousand_and_not_by_the_row(olga, ticket_type, django_assert_max_num_queries):
    buy(UserFactory(), (ticket_type, 1))
    client = as_(olga)
    with django_assert_max_num_queries(100) as few:
        b"".join(client.get(url(Order, "export")).streaming_content)
    for _ in range(7):
        buy(UserFactory(), (ticket_type, 1))
    with django_assert_max_num_queries(len(few)):
        b"".join(client.get(url(Order, "export")).streaming_content)


def test_a_list_too_long_for_a_workbook_says_so(olga, ticket_type, monkeypatch):
    monkeypatch.setattr(exporting, "WORKBOOK_ROWS", 1)
    for _ in range(2):
        buy(UserFactory(), (ticket_type, 1))
    answer = as_(olga).get(url(Order, "export"), {"as": "xlsx", "status__exact": "paid"}, follow=True)
    assert "Narrow the list" in answer.content.decode()
    assert "status__exact=paid" in answer.redirect_chain[0][0]


def test_who_may_not_see_a_list_gets_no_file(gus, fay):
    assert as_(gus).get(url(TicketTypeFactory._meta.model, "export")).status_code == 200
    assert as_(gus).get(url(AuditLog, "export")).status_code == 403
    assert as_(fay).get(url(Order, "export")).status_code == 302
    assert as_(None).get(url(Order, "export")).status_code == 302


@pytest.mark.parametrize("query", ["id__exact=nonsense", "created_at__gte=nonsense", "nonsense=1"])
def test_an_address_that_means_nothing_leads_back_to_the_list(olga, ticket_type, query):
    buy(UserFactory(), (ticket_type, 1))
    answer = as_(olga).get(f"{url(Order, 'export')}?{query}")
    assert answer.headers["Location"] == f"{url(Order, 'changelist')}?e=1"
    assert not AuditLog.objects.filter(action="list.exported").exists()


def test_the_page_that_was_open_does_not_matter(olga, ticket_type):
    order = buy(UserFactory(), (ticket_type, 1))
    assert [row[0] for row in exported(olga, Order, p="99", e="1")[1:]] == [str(order.pk)]
