"""Pages, search and ordering, and what they refuse."""

import pytest

from trufan.lib.idempotency_record import IdempotencyRecord

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls"), pytest.mark.django_db]
LIST = "/api/v1/effects"


@pytest.fixture
def rows():
    rows = [IdempotencyRecord(caller="effect", key=f"row {n:03}", fingerprint="") for n in range(120)]
    IdempotencyRecord.objects.bulk_create(rows)


def keys(response):
    return [row["key"] for row in response.json()["results"]]


def test_a_page_holds_a_hundred_and_links_to_its_neighbours(client, rows):
    first = client.get(LIST).json()

    assert (first["count"], len(first["results"]), first["previous"]) == (120, 100, None)
    second = client.get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (20, None)
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_skip_and_limit_choose_the_page(client, rows):
    assert keys(client.get(LIST, {"skip": 3, "limit": 2})) == ["row 003", "row 004"]


def test_a_limit_above_a_hundred_answers_a_hundred(client, rows):
    assert len(keys(client.get(LIST, {"limit": 1000}))) == 100


def test_beyond_the_end_there_is_an_empty_page(client, rows):
    response = client.get(LIST, {"skip": 500})

    assert (response.status_code, keys(response), response.json()["count"]) == (200, [], 120)


@pytest.mark.parametrize("name", ["skip", "limit"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "1e3", "", " 1", "٣", "9" * 11, "9" * 5000])
def test_what_is_no_sensible_number_is_refused_by_name(client, name, value):
    response = client.get(LIST, {name: value})

    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"] == name


def test_a_limit_of_none_is_refused(client):
    assert client.get(LIST, {"limit": 0}).status_code == 422


def test_search_finds_rows_with_every_word(client, rows):
    assert keys(client.get(LIST, {"search": "row 007"})) == ["row 007"]
    assert keys(client.get(LIST, {"search": "row none"})) == []


@pytest.mark.parametrize("search", ["word " * 11, "x" * 201])
def test_an_endless_search_is_refused(client, search):
    assert client.get(LIST, {"search": search}).status_code == 422


def test_a_search_for_like_patterns_is_taken_literally(client, rows):
    assert keys(client.get(LIST, {"search": "%"})) == []


def test_ordering_goes_both_ways(client, rows):
    assert keys(client.get(LIST, {"ordering": "-key", "limit": 1})) == ["row 119"]
    assert keys(client.get(LIST, {"ordering": "key", "limit": 1})) == ["row 000"]


@pytest.mark.parametrize("ordering", ["fingerprint", "key,caller", "--key", "key__id", "?", "key,", "-"])
def test_ordering_by_what_is_not_offered_is_refused(client, ordering):
    response = client.get(LIST, {"ordering": ordering})

    assert response.status_code == 422
    assert response.json()["error"]["details"][0] == {
        "field": "ordering",
        "code": "unknown_ordering",
        "message": "Order by key.",
    }
