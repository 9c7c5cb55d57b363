"""The screens of reports in the console: what each role reads, of which venue, and how it is shown."""

from __future__ import annotations

import pytest
from django.urls import reverse

from orders.tests.carts import buy
from reports import registry
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db
LIST = reverse("admin:reports_reportschedule_reports")
ALL = [report.key for report in registry.all_reports()]


def screen(key: str = "sales") -> str:
    return reverse("admin:reports_reportschedule_report", args=[key])


@pytest.fixture
def sold(venue, fay):
    return buy(fay, (TicketTypeFactory(event=EventFactory(venue=venue, name="Quixote"), price=5_000), 2))


def test_the_list_asks_the_question_of_every_report(olga):
    text = as_(olga).get(LIST).content.decode()
    for report in registry.all_reports():
        assert str(report.question) in text
        assert screen(report.key) in text


@pytest.mark.parametrize("key", ALL)
def test_every_report_has_a_screen_by_each_of_its_dimensions(olga, venue, sold, key):
    for dimension in registry.find(key).dimensions:
        answer = as_(olga).get(screen(key), {"group_by": dimension.key, "compare": "previous"})
        assert answer.status_code == 200, dimension.key


def test_a_report_shows_its_figures_differences_and_total(olga, venue, sold):
    answer = as_(olga).get(screen(), {"group_by": "event", "compare": "previous", "period": "last_7_days"})
    table = answer.context["table"]
    assert [row["label"][:7] for row in table["rows"]] == ["Quixote"]
    cell = table["rows"][0]["cells"][0]
    assert (cell["now"], cell["before"], cell["difference"], cell["direction"]) == ("$100.00", "$0.00", "+$100.00", 1)
    assert table["totals"][0]["now"] == "$100.00"
    assert '"data": [100.0]' in answer.context["chart"]["data"]
    text = answer.content.decode()
    assert 'role="img"' in text and "data-report" in text


def test_days_that_are_none_are_named_and_the_usual_ones_shown(olga, sold):
    answer = as_(olga).get(screen(), {"period": "custom", "since": "2026-11-02", "until": "2026-11-01"})
    assert "The last day comes before the first." in answer.content.decode()
    assert answer.context["asked"].period.days == 30


def test_days_that_are_typed_count_more_than_the_name_that_stood_there(olga, sold):
    form = {"period": "last_30_days", "since": "2026-11-02", "until": "2026-11-08"}
    typed = as_(olga).get(screen(), {**form, "was": "2026-10-01 2026-10-30"}).context["asked"].period
    assert (str(typed.since), str(typed.until)) == ("2026-11-02", "2026-11-08")
    named = as_(olga).get(screen(), {**form, "was": "2026-11-02 2026-11-08"}).context["asked"].period
    assert named.days == 30


def test_an_empty_report_says_what_to_do(olga):
    assert "Nothing happened in these days" in as_(olga).get(screen()).content.decode()


def test_files_are_those_of_the_screen(olga, venue, sold):
    page = as_(olga).get(screen(), {"group_by": "event"})
    answer = as_(olga).get(page.context["downloads"]["csv"])
    assert "100.00" in b"".join(answer.streaming_content).decode()
    assert as_(olga).get(page.context["downloads"]["xlsx"]).status_code == 200


def test_nobody_reads_another_venues_report(olga, stan, gus, fay, venue, other_venue, sold):
    assert as_(stan).get(screen(), {"at": venue.pk}).status_code == 404
    assert "Quixote" not in as_(stan).get(screen(), {"group_by": "event"}).content.decode()
    assert as_(olga).get(screen(), {"at": "nonsense"}).status_code == 404
    assert as_(gus).get(screen()).status_code == 403
    assert as_(gus).get(LIST).status_code == 403
    assert as_(olga).get(screen("nonsense")).status_code == 404
    assert as_(None).get(screen()).status_code == 302


def test_who_runs_several_venues_chooses_one(olga, venue, other_venue, sold):
    StaffFactory(user=olga, venue=other_venue)
    answer = as_(olga).get(screen(), {"at": other_venue.pk})
    assert answer.context["venue"] == other_venue
    assert {each.name for each in answer.context["venues"]} == {"Garden Arena", "Harbor Hall"}
    assert not answer.context["table"]["totals"][0]["now"].startswith("$100")


def test_queries_are_constant(olga, venue, sold, django_assert_max_num_queries):
    browser = as_(olga)
    browser.get(screen(), {"group_by": "event"})
    with django_assert_max_num_queries(20) as few:
        browser.get(screen(), {"group_by": "event", "compare": "last_year"})
    count = len(few)
    for _ in range(4):
        buy(sold.user, (TicketTypeFactory(event=EventFactory(venue=venue), price=1_000), 1))
    browser.get(screen())
    with django_assert_max_num_queries(count):
        browser.get(screen(), {"group_by": "event", "compare": "last_year", "period": "this_year"})
