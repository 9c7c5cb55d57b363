"""Promo codes out of a file: shown first, then all of them or none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from orders.models import PromoCode
from orders.promos.importing import IMPORTER
from orders.promos.managing import create
from trufan.lib.importing import keeping, running
from trufan.testing import OutletFactory, ProductFactory, PromoCodeFactory, StaffFactory
from trufan.tests.console_client import as_, url
from trufan.tests.imports import Screen, csv_of, xlsx_of
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db
HEADER = ["code", "kind", "percent", "amount", "total_limit", "ends_at"]
TWO = [HEADER, ["spring10", "percent", "10", "", "500", "2027-05-31 23:00"], ["FIVER", "fixed", "", "5,00", "", ""]]

#: A workbook knows no zones.
AT_NIGHT = datetime(2027, 5, 31, 23)  # noqa: DTZ001


@pytest.fixture
def screen(olga, venue) -> Screen:
    return Screen(olga, PromoCode, venue)


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(screen):
    before = AuditLog.objects.count()
    answer = screen.rehearse(TWO)
    report = answer.context["report"]
    assert [(line.row, line.deed, line.what) for line in report.lines] == [
        (2, "made", "SPRING10"),
        (3, "made", "FIVER"),
    ]
    assert "Would be imported: 2 new" in answer.content.decode()
    assert not PromoCode.objects.exists()
    assert AuditLog.objects.count() == before


def test_the_second_step_makes_exactly_that_and_writes_one_entry(screen, olga, venue):
    assert "2 new" in screen.take(TWO)
    spring, fiver = PromoCode.objects.get(code="SPRING10"), PromoCode.objects.get(code="FIVER")
    assert (spring.ppm, spring.total_limit, spring.venue) == (100_000, 500, venue)
    assert spring.ends_at == datetime(2027, 5, 31, 23, 0, tzinfo=venue.zone).astimezone(UTC)
    assert (fiver.kind, fiver.amount) == ("fixed", 500)
    entry = AuditLog.objects.get(action="promo_codes.imported")
    assert (entry.venue_id, entry.actor_id, entry.new_values) == (venue.pk, olga.pk, {"rows": 2, "made": 2})


def test_the_same_file_twice_makes_nothing_twice(screen):
    screen.take(TWO)
    report = screen.report(TWO)
    assert report.counts == {"same": 2}
    screen.take(TWO)
    assert PromoCode.objects.count() == 2
    assert not AuditLog.objects.filter(action="promo_code.changed").exists()


def test_a_code_that_is_there_is_changed_and_keeps_its_uses(screen, venue, olga):
    create(venue, olga, code="SPRING10", kind="percent", ppm=50_000, name="Early")
    PromoCode.objects.update(used=3)
    [line] = screen.report([HEADER[:3], ["Spring10", "", "12,5"]]).lines
    assert (line.deed, line.changes) == ("changed", ("percent: 5 % → 12.5 %",))
    screen.take([HEADER[:3], ["Spring10", "", "12,5"]])
    promo = PromoCode.objects.get()
    assert (promo.ppm, promo.used, promo.name) == (125_000, 3, "Early")
    assert AuditLog.objects.get(action="promo_code.changed").old_values["ppm"] == 50_000


def test_every_problem_is_said_at_its_row_and_column(screen):
    rows = [
        HEADER,
        ["ok-code", "percent", "10", "", "", ""],
        ["x", "percent", "10", "", "", ""],
        ["NOKIND", "", "10", "", "", ""],
        ["ODD", "sometimes", "abc", "1.250", "-1", "2027-02-30"],
        ["OK-CODE", "percent", "10", "", "", ""],
        ["", "percent", "10", "", "", ""],
        ["NOTHING", "percent", "", "", "", ""],
    ]
    assert screen.problems(rows) == [
        (7, "code"), (3, "code"), (4, "kind"), (5, "kind"), (5, "percent"), (5, "amount"), (5, "ends_at"),
        (5, "total_limit"), (6, "code"), (8, "percent"),
    ]  # fmt: skip


def test_one_wrong_row_keeps_all_others_out(screen):
    answer = screen.rehearse([*TWO, ["BAD", "percent", "200", "", "", ""]])
    assert answer.context["kept"] == ""
    assert "There is one problem. Nothing was imported." in answer.content.decode()
    assert not PromoCode.objects.exists()


def test_what_changed_in_between_is_shown_again_and_not_written(screen, venue, olga):
    rehearsed = screen.rehearse(TWO)
    create(venue, olga, code="FIVER", kind="fixed", amount=100)
    answer = screen.confirm(rehearsed)
    assert "Something changed since you looked" in answer.content.decode()
    assert [line.deed for line in answer.context["report"].lines] == ["made", "changed"]
    assert PromoCode.objects.get().amount == 100
    assert screen.confirm(answer).status_code == 302
    assert PromoCode.objects.get(code="FIVER").amount == 500


def test_a_file_is_imported_once_and_by_who_sent_it(screen, venue):
    rehearsed = screen.rehearse(TWO)
    other = StaffFactory(venue=venue, role="manager").user
    stranger = Screen(other, PromoCode, venue)
    assert (
        "not kept any more"
        in stranger.client.post(stranger.address, {"kept": rehearsed.context["kept"]}, follow=True).content.decode()
    )
    assert not PromoCode.objects.exists()
    screen.confirm(rehearsed)
    assert (
        "Choose it again"
        in screen.client.post(screen.address, {"kept": rehearsed.context["kept"]}, follow=True).content.decode()
    )
    assert PromoCode.objects.count() == 2


def test_what_is_kept_is_sealed_and_goes_after_an_hour(screen):
    key = screen.rehearse(TWO).context["kept"]
    kept = Session.objects.get(pk=key)
    assert "spring10" not in str(kept.get_decoded()).lower()
    assert (kept.expire_date - timezone.now()).total_seconds() <= keeping.KEPT_FOR
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    assert keeping.forget_old(timezone.now()) == 1
    assert not Session.objects.filter(pk=key).exists()


def test_a_scope_is_found_by_name_at_the_venue_alone(screen, venue, other_venue):
    burger = ProductFactory(outlet=OutletFactory(venue=venue, name="Grill"), name="Burger")
    OutletFactory(venue=other_venue, name="Elsewhere")
    head = ["code", "kind", "percent", "outlet", "product"]
    screen.take([head, ["GRILL1", "percent", "10", "Grill", "Burger"]])
    assert PromoCode.objects.get().product == burger
    assert screen.problems([head, ["ELSE1", "percent", "10", "Elsewhere", ""]]) == [(2, "outlet")]
    assert screen.problems([head, ["ELSE1", "percent", "10", "", "Burger"]]) == [(2, "product")]


def test_nobody_imports_into_another_venue(screen, stan, venue, other_venue, fay, gus):
    theirs = PromoCodeFactory(venue=other_venue, code="SPRING10", ppm=10_000)
    answer = screen.rehearse(TWO, target=other_venue)
    assert answer.context["form"].errors["target"]
    assert Screen(stan, PromoCode, venue).rehearse(TWO).context["form"].errors["target"]
    screen.take(TWO)
    theirs.refresh_from_db()
    assert theirs.ppm == 10_000
    assert as_(gus).get(screen.address).status_code == 403
    assert as_(fay).get(screen.address).status_code == 302
    assert as_(None).post(screen.address, {"kept": "x"}).status_code == 302


def test_a_right_that_is_lost_in_between_is_asked_again(screen, olga):
    rehearsed = screen.rehearse(TWO)
    VenueStaff.objects.filter(user=olga).update(role=VenueStaff.Role.DOOR)
    assert screen.client.post(screen.address, {"kept": rehearsed.context["kept"]}).status_code == 403
    assert not PromoCode.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_can_be_imported_as_it_is(screen, kind):
    answer = screen.client.get(screen.address, {"template": kind})
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == f'attachment; filename="promo_codes-template.{kind}"'
    assert screen.report(content).problems == []
    screen.take(content)
    assert PromoCode.objects.get().code == "SPRING10"


def test_the_list_offers_the_screen_to_who_may(olga, ada, venue):
    for user in (olga, ada):
        page = as_(user).get(url(PromoCode, "changelist")).content.decode()
        assert re.search(r'href="/admin/orders/promocode/import/"', page)


def test_a_super_admin_imports_into_the_chosen_venue_alone(ada, venue, other_venue):
    screen = Screen(ada, PromoCode, other_venue)
    session = screen.client.session
    session["console_venue"] = str(venue.pk)
    session.save()
    assert screen.rehearse(TWO).context["form"].errors["target"]
    assert screen.rehearse(TWO, target=venue).context["report"].counts == {"made": 2}


def test_ten_thousand_codes_take_a_few_statements_for_each_five_hundred(venue, olga):
    def statements(count: int, first: int) -> int:
        content = csv_of([HEADER[:3], *([f"BULK{first + n}", "percent", "10"] for n in range(count))])
        with CaptureQueriesContext(
            connection,
        ) as seen:
            report = running.run(IMPORTER, venue, content, by=olga, now=timezone.now())
        assert report.counts == {"made": count}
        return len(seen)

    few, many = statements(500, 0), statements(10_000, 1_000)
    # A look-up and an insert for each five hundred; SQLite takes fewer rows in one insert.
    assert many - few <= 19 * (60 if connection.vendor == "sqlite" else 2)


def test_more_rows_than_that_are_refused(screen, monkeypatch):
    assert IMPORTER.max_rows == 10_000
    monkeypatch.setattr(IMPORTER, "max_rows", 2)
    rows = [HEADER[:3], *([f"BULK{n}", "percent", "10"] for n in range(3))]
    assert screen.problems(rows) == [(4, "")]


def test_a_workbook_is_read_as_csv_is(screen):
    screen.take(xlsx_of([HEADER, ["SPRING10", "percent", 10, None, 500, AT_NIGHT], [2027, "fixed", None, 5.5]]))
    assert set(PromoCode.objects.values_list("code", "ppm", "amount")) == {("SPRING10", 100_000, 0), ("2027", 0, 550)}


def test_the_screen_shows_who_may_the_columns(screen):
    page = screen.client.get(screen.address).content.decode()
    assert all(f"<code>{column.name}</code>" in page for column in IMPORTER.columns)


def test_a_person_of_two_venues_chooses_one(olga: User, venue, other_venue):
    StaffFactory(venue=other_venue, user=olga, role="manager")
    form = as_(olga).get(url(PromoCode, "import")).context["form"]
    assert {row.pk for row in form.fields["target"].queryset} == {venue.pk, other_venue.pk}
