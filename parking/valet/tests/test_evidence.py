"""Pictures of cars, and what happened to them: for staff alone, and only as long as they are needed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import personal_data
from audit.models import AuditLog
from notifications.models import Notification
from parking.models import ValetIncident, ValetPhoto, ValetTicket
from parking.valet import evidence
from parking.valet.tests.cars import TICKETS, act, picture

pytestmark = pytest.mark.django_db
INCIDENTS = "/api/v1/parking/valet/incidents"


def add(api, who, ticket, **asked):
    return api.as_(who).post(
        f"{TICKETS}/{ticket.pk}/photos", {"picture": picture(), "words": "Scratch", **asked}, format="multipart"
    )


def test_pictures_are_for_staff_alone(api, fay, val, gus, stan, drop):
    ticket = drop(user=fay)
    added = add(api, val, ticket)
    assert added.status_code == 201
    url = f"{TICKETS}/{ticket.pk}/photos/{added.json()['id']}"
    shown = api.as_(val).get(url, HTTP_ACCEPT="image/*")
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (
        200, "image/jpeg", "private, max-age=3600",
    )  # fmt: skip
    assert [api.as_(who).get(url).status_code for who in (fay, stan, gus)] == [404, 404, 403]
    assert [add(api, who, ticket).status_code for who in (fay, stan, gus)] == [404, 404, 403]
    assert ValetPhoto.objects.count() == 1


def test_no_picture_lies_where_files_are_served(api, val, drop):
    add(api, val, drop())
    path = Path(ValetPhoto.objects.get().picture.path)
    assert path.is_relative_to(settings.PRIVATE_ROOT)
    assert not path.is_relative_to(settings.MEDIA_ROOT)


@pytest.mark.parametrize("file", [SimpleUploadedFile("x.jpg", b"no"), picture(kind="GIF")])
def test_what_is_no_picture_is_refused(api, val, drop, file):
    refused = add(api, val, drop(), picture=file)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "picture")
    assert not ValetPhoto.objects.exists()


def test_a_car_has_twenty_pictures_at_most(api, val, drop, monkeypatch):
    monkeypatch.setattr(evidence, "MOST", 1)
    ticket = drop()
    assert [add(api, val, ticket).status_code for _ in range(2)] == [201, 422]


def test_an_incident_is_told_to_those_who_manage_parking(api, val, olga, drop):
    ticket = drop(vehicle="Blue Volvo")
    reported = act(api, val, ticket, "incidents", words="The mirror touched a pillar.")
    assert reported.status_code == 201
    told = Notification.objects.filter(template="valet_incident")
    assert {each.recipient for each in told} == {olga.email}
    assert told.get().context["words"] == "The mirror touched a pillar."
    assert AuditLog.objects.filter(action="valet.incident_reported").count() == 1
    added = add(api, val, ticket, incident=reported.json()["id"])
    assert added.json()["incident"] == reported.json()["id"]


def test_incidents_are_listed(api, val, fay, stan, lot, drop, django_assert_max_num_queries):
    one, other = drop("ABC 1"), drop("ABC 2")
    for ticket in (one, other, other):
        ids = act(api, val, ticket, "incidents", words=f"Scratched {ticket.number}").json()["id"]
        add(api, val, ticket, incident=ids)
    with django_assert_max_num_queries(9):
        rows = api.as_(val).get(INCIDENTS, {"lot": str(lot.pk)}).json()["results"]
    assert [(row["ticket"]["number"], len(row["photos"]), row["reported_by"]) for row in rows] == [
        (2, 1, str(val)), (2, 1, str(val)), (1, 1, str(val)),
    ]  # fmt: skip
    assert api.as_(val).get(INCIDENTS, {"lot": str(lot.pk), "ticket": str(one.pk)}).json()["count"] == 1
    assert [api.as_(who).get(INCIDENTS, {"lot": str(lot.pk)}).status_code for who in (fay, stan)] == [404, 404]


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"words": " "}, "words"), ({"words": "x", "happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
     ({"words": "x", "happened_at": "2001-01-01T00:00:00Z"}, "happened_at")],
)  # fmt: skip
def test_what_is_wrong_with_an_incident_is_named(api, val, drop, asked, field):
    refused = act(api, val, drop(), "incidents", **asked)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, field)
    assert not ValetIncident.objects.exists()
    assert not Notification.objects.filter(template="valet_incident").exists()


def test_an_incident_of_another_car_takes_no_pictures_of_this_one(api, val, drop):
    one, other = drop(), drop()
    incident = act(api, val, other, "incidents", words="Scratched").json()["id"]
    assert add(api, val, one, incident=incident).status_code == 404


def test_pictures_go_as_plates_do_and_those_of_an_incident_after_a_year(
    val, lot, drop, django_capture_on_commit_callbacks
):
    gone, disputed, here = drop(), drop(), drop()
    for ticket in (gone, disputed, here):
        evidence.add_photo(ticket, picture(), by=val)
    evidence.report(disputed, words="Scratched", by=val, now=timezone.now())
    now = timezone.now()
    ValetTicket.objects.filter(pk__in=[gone.pk, disputed.pk]).update(status="handed_over", ended_at=now)
    path = Path(gone.photos.get().picture.path)
    assert evidence.forget_pictures(now + timedelta(days=lot.plate_days)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert evidence.forget_pictures(now + timedelta(days=lot.plate_days, minutes=1)) == 1
    assert not path.exists()
    assert {photo.ticket for photo in ValetPhoto.objects.all()} == {disputed, here}
    assert evidence.forget_pictures(now + timedelta(days=366)) == 1
    assert ValetPhoto.objects.get().ticket == here


def test_a_person_is_shown_what_is_kept_of_their_cars_and_has_it_erased(fay, val, drop):
    past, here = drop(user=fay, vehicle="Blue Volvo"), drop(user=fay, vehicle="Red Fiat")
    for ticket in (past, here):
        evidence.add_photo(ticket, picture(), by=val)
    ValetTicket.objects.filter(pk=past.pk).update(status="handed_over", ended_at=timezone.now())
    kept = personal_data.export_all(fay)["parking_valet"]["cars"]
    assert [car["vehicle"] for car in kept] == ["Blue Volvo", "Red Fiat"]
    personal_data.erase_all(fay, timezone.now())
    assert {ticket.vehicle for ticket in ValetTicket.objects.all()} == {"", "Red Fiat"}
    assert ValetPhoto.objects.get().ticket == here
