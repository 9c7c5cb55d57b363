"""The same request under the same key happens once and is answered the same."""

from datetime import timedelta

import pytest
from django.utils import timezone

from trufan.lib import idempotency, sweeps
from trufan.lib.idempotency_record import IdempotencyRecord

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls"), pytest.mark.django_db]
ATOMIC, LEASED = "/api/v1/effects", "/api/v1/effects/leased"
both = pytest.mark.parametrize("path", [ATOMIC, LEASED])


@pytest.fixture
def send(api):
    def post(path, body=None, key="a-key", caller=None, **headers):
        headers = {"Idempotency-Key": key, **headers} if key is not None else headers
        return (caller or api).post(path, body or {}, headers=headers)

    return post


def effects():
    return IdempotencyRecord.objects.filter(caller="effect").count()


def kept():
    return IdempotencyRecord.objects.exclude(caller="effect")


@both
def test_the_first_answer_is_replayed_to_the_byte(send, path):
    first, second = send(path), send(path)

    assert (first.status_code, second.status_code, effects()) == (201, 201, 1)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"


@both
def test_another_key_is_another_request(send, path):
    assert send(path).content != send(path, key="another").content
    assert effects() == 2


@both
def test_without_a_key_every_request_counts(send, path):
    send(path, key=None)
    send(path, key=None)

    assert (effects(), kept().count()) == (2, 0)


@both
def test_another_body_under_the_key_is_refused(send, path):
    send(path, {"a": 1})
    response = send(path, {"a": 2})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert effects() == 1


@both
def test_the_order_of_members_makes_no_other_body(send, path):
    send(path, {"a": 1, "b": 2})

    assert send(path, {"b": 2, "a": 1})["Idempotent-Replayed"] == "true"


def test_another_path_under_the_key_is_refused(send):
    send(ATOMIC)

    assert send(LEASED).status_code == 422
    assert send(f"{ATOMIC}?x=1").status_code == 422
    assert effects() == 1


@both
def test_a_key_belongs_to_its_caller(send, api, fay, gus, path):
    answers = {send(path, caller=caller).content for caller in (api.as_(fay), api.as_(gus), api)}

    assert (len(answers), effects()) == (3, 3)


def test_two_guests_of_one_address_with_different_access_codes_are_two(send):
    send(ATOMIC, **{"X-Order-Access-Code": "one"})

    assert send(ATOMIC, **{"X-Order-Access-Code": "two"}).status_code == 422


@both
@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ünï", "tab\t"])
def test_a_key_that_is_no_token_is_malformed(send, path, key):
    response = send(path, key=key)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "idempotency_key_invalid")
    assert effects() == 0


@pytest.mark.parametrize("kind", ["missing", "forbidden", "text_invalid"])
def test_a_refusal_is_kept_while_its_effect_is_undone(send, kind):
    first, second = send(ATOMIC, {"answer": kind}), send(ATOMIC, {"answer": kind})

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotent-Replayed"] == "true"
    assert effects() == 0


@both
@pytest.mark.parametrize("kind", ["domain", "later", "database_down"])
def test_conflicts_limits_and_outages_are_not_kept(send, path, kind):
    first, second = send(path, {"answer": kind}), send(path, {"answer": kind})

    assert first.status_code == second.status_code
    assert "Idempotent-Replayed" not in second
    assert kept().count() == 0


@both
def test_a_defect_frees_the_key(send, api, path):
    api.raise_request_exception = False

    assert send(path, {"answer": "defect"}).status_code == 500
    assert kept().count() == 0


@both
@pytest.mark.parametrize("status", [409, 429, 503])
def test_an_answer_that_is_not_kept_runs_again(send, path, status):
    send(path, {"answer": status})
    again = send(path, {"answer": status})

    assert (again.status_code, "Idempotent-Replayed" in again, effects()) == (status, False, 2)


def test_a_malformed_body_is_not_kept(api):
    def post():
        return api.generic("POST", ATOMIC, "{", content_type="application/json", headers={"Idempotency-Key": "k"})

    assert post().status_code == post().status_code == 400
    assert kept().count() == 0


def test_a_running_lease_keeps_a_twin_out(send):
    send(LEASED)
    kept().update(response_status=None, leased_until=timezone.now() + timedelta(seconds=30))

    response = send(LEASED)

    assert (response.status_code, response.json()["error"]["code"]) == (409, "idempotency_in_progress")
    assert response["Retry-After"] == "1"
    assert effects() == 1


def test_a_lapsed_lease_is_taken_over(send):
    send(LEASED)
    kept().update(response_status=None, leased_until=timezone.now() - timedelta(seconds=1))

    assert send(LEASED).status_code == 201
    assert effects() == 2
    assert send(LEASED)["Idempotent-Replayed"] == "true"


def test_a_lapsed_lease_of_another_request_is_not_taken_over(send):
    send(LEASED, {"a": 1})
    kept().update(response_status=None, leased_until=timezone.now() - timedelta(seconds=1))

    assert send(LEASED, {"a": 2}).status_code == 422
    assert effects() == 1


def test_who_comes_back_after_losing_the_lease_records_nothing(send):
    send(LEASED)
    record = kept().get()
    kept().update(response_status=None, leased_until=timezone.now())
    stale = IdempotencyRecord(pk=record.pk, leased_until=timezone.now() - timedelta(hours=1))

    idempotency._conclude(stale, idempotency.Response({"late": True}, status=201))

    assert kept().get().response_status is None


def test_an_idempotent_request_costs_three_queries_of_its_own(send, django_assert_num_queries, api):
    send(ATOMIC, key="warm")
    with django_assert_num_queries(2 + 2 + 2 + 2 + 1):
        # Begin and end; savepoint and release; the effect's two; claim (insert, select); the answer.
        send(ATOMIC)


def test_the_sweep_forgets_keys_after_a_day(send):
    send(ATOMIC, key="old")
    send(ATOMIC, key="young")
    kept().filter(key="old").update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    IdempotencyRecord.objects.filter(caller="effect").delete()

    assert sweeps.run_all(timezone.now())["idempotency_keys"] == 1
    assert kept().get().key == "young"
