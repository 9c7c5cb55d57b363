"""`Idempotency-Key`: the same request under the same key is carried out once, and its first answer is replayed.

A key belongs to its caller (`user:<id>`, else `ip:<address>`), lives 24 hours, and stands for one method, path and
body; anything else under it is refused (422). Answers 409, 429 and 5xx are not kept: trying again may go better.

Two ways to run once:

* `@idempotent`: the record, the effect and its answer are one transaction. A twin waits on the unique constraint
  until that transaction ends, and then replays it or, if it was rolled back, runs. A crash leaves nothing behind.
  Without a key the view is a transaction all the same, unless it says `@idempotent(whole=True)`: that all it does is
  call one rule, which is a transaction by itself.
* `@idempotent(atomic=False)`: for views that call a gateway, where no transaction may stay open. The record is
  committed with a lease; a twin gets 409 while it runs. A crash lets the lease lapse, and the next request takes it
  over, so that what such a view calls must be safe to repeat by itself.

A kept answer may hold what only its first reader should see (a guest's access code, a device's key): it is sealed
(`sealing.py`), and replayed only to the same caller, under the same key and body and the same
`IDEMPOTENCY_IDENTITY_HEADERS`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, overload

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from trufan.lib.client_ip import client_ip
from trufan.lib.errors import Conflict, DomainError, Invalid, Malformed
from trufan.lib.exception_handler import as_refusal, envelope
from trufan.lib.idempotency_record import IdempotencyRecord
from trufan.lib.sealing import Unreadable, seal, unseal
from trufan.lib.words import lazy as _

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
LEASE = timedelta(seconds=60)
KEPT_FOR = timedelta(hours=24)
_SANE_KEY = re.compile(r"[!-~]{1,255}")

View = Callable[..., Response]


class BadKey(Malformed):
    code, message = "idempotency_key_invalid", _("An Idempotency-Key is 1 to 255 visible ASCII characters.")


class KeyReused(Invalid):
    code, message = "idempotency_key_reused", _("This Idempotency-Key was used for another request.")


class StillRunning(Conflict):
    code, message = "idempotency_in_progress", _("The first request under this Idempotency-Key is still running.")

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}


class AnswerLost(Conflict):
    """It was sealed with a SECRET_KEY that is gone. What was asked for was done."""

    code, message = "idempotency_answer_lost", _("This was done already; its answer can no longer be read.")


@overload
def idempotent(method: View) -> View: ...
@overload
def idempotent(*, atomic: bool = True, whole: bool = False) -> Callable[[View], View]: ...
def idempotent(method: View | None = None, *, atomic: bool = True, whole: bool = False) -> Any:
    """Run the view method once for each key; without, just run it (in a transaction, if `atomic` and not `whole`)."""

    def decorate(method: View) -> View:
        run = _in_one_transaction if atomic else _under_a_lease

        @functools.wraps(method)
        def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            call = functools.partial(method, view, request, *args, **kwargs)
            given = request.headers.get(KEY_HEADER)
            if given is None:
                return _plainly(call, atomic and not whole)
            return run(_asked(request, given), call)

        return once

    return decorate(method) if method is not None else decorate


def _plainly(call: View, atomic: bool) -> Response:
    if not atomic:
        return call()
    with transaction.atomic():
        return call()


def _asked(request: Request, key: str) -> IdempotencyRecord:
    """A record, not yet stored, of who asks for what under which key."""
    if not _SANE_KEY.fullmatch(key):
        raise BadKey
    user = request.user
    caller = f"user:{user.pk}" if user.is_authenticated else f"ip:{client_ip(request._request) or 'unknown'}"
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"), default=str)
    proofs = [request.headers.get(name, "") for name in settings.IDEMPOTENCY_IDENTITY_HEADERS]
    asked = json.dumps([request.method, request.get_full_path(), body, proofs])
    return IdempotencyRecord(caller=caller, key=key, fingerprint=hashlib.sha256(asked.encode()).hexdigest())


def _in_one_transaction(asked: IdempotencyRecord, call: View) -> Response:
    with transaction.atomic():
        held = _claim(asked)
        if held.pk != asked.pk:
            return _replay(held, asked)
        response, refusal = _run_in_savepoint(call)
        if _is_kept(response.status_code):
            _keep(held, response)
        else:
            IdempotencyRecord.objects.filter(pk=held.pk).delete()
    if refusal is not None:
        raise refusal
    return response


def _run_in_savepoint(call: View) -> tuple[Response, Exception | None]:
    """The answer, and the refusal it came from. A refusal undoes the effect but not the record.

    Only what is kept may be caught here: 409, 429 and 5xx leave the outer transaction, and undo the record too.
    """
    try:
        with transaction.atomic():
            return call(), None
    except Exception as refusal:
        error = as_refusal(refusal)
        if not _is_kept(error.status):
            raise
        return _answer(error), refusal


def _under_a_lease(asked: IdempotencyRecord, call: View) -> Response:
    now = timezone.now()
    asked.leased_until = now + LEASE
    with transaction.atomic(durable=True):
        held = _claim(asked)
    if held.pk != asked.pk:
        if held.response_status is not None or held.fingerprint != asked.fingerprint:
            return _replay(held, asked)
        held = _take_over(held, now)
    try:
        response = call()
    except Exception as refusal:
        _conclude(held, _answer(as_refusal(refusal)))
        raise
    _conclude(held, response)
    return response


def _claim(asked: IdempotencyRecord) -> IdempotencyRecord:
    """Store the record unless its key is taken; the one that stands. Waits while a twin's transaction is open."""
    IdempotencyRecord.objects.bulk_create([asked], ignore_conflicts=True)
    return IdempotencyRecord.objects.get(caller=asked.caller, key=asked.key)


def _take_over(held: IdempotencyRecord, now: datetime) -> IdempotencyRecord:
    """Continue what a crash left behind; of several who try, the one whose UPDATE finds the old lease may."""
    if held.leased_until is None or held.leased_until > now:
        raise StillRunning
    lapsed = IdempotencyRecord.objects.filter(pk=held.pk, leased_until=held.leased_until, response_status=None)
    held.leased_until = now + LEASE
    if not lapsed.update(leased_until=held.leased_until, updated_at=now):
        raise StillRunning
    return held


def _conclude(held: IdempotencyRecord, response: Response) -> None:
    """Record the answer, or free the key for another try; nothing, if the lease has meanwhile passed to another."""
    mine = IdempotencyRecord.objects.filter(pk=held.pk, leased_until=held.leased_until, response_status=None)
    if _is_kept(response.status_code):
        mine.update(
            response_status=response.status_code,
            response_body=_rendered(response),
            leased_until=None,
            updated_at=timezone.now(),
        )
    else:
        mine.delete()


def _keep(held: IdempotencyRecord, response: Response) -> None:
    held.response_status = response.status_code
    held.response_body = _rendered(response)
    held.save(update_fields=["response_status", "response_body", "updated_at"])


def _rendered(response: Response) -> str:
    """The body as text, so that a replay has its members in the same order; sealed, as it may tell a secret."""
    return seal(JSONRenderer().render(response.data).decode())


def _replay(held: IdempotencyRecord, asked: IdempotencyRecord) -> Response:
    if held.fingerprint != asked.fingerprint:
        raise KeyReused
    if held.response_status is None:
        raise StillRunning
    body = json.loads(_opened(held.response_body)) if held.response_body else None
    return Response(body, status=held.response_status, headers={REPLAYED_HEADER: "true"})


def _opened(kept: str) -> str:
    """The answer as it was sent. Those from before answers were sealed are read as they are, for their last day."""
    if kept[:1] in "{[":
        return kept
    try:
        return unseal(kept)
    except Unreadable as lost:
        raise AnswerLost from lost


def _answer(error: DomainError) -> Response:
    return Response(envelope(error), status=error.status)


def _is_kept(status: int) -> bool:
    return status < 500 and status not in {409, 429}


def forget_old(now: datetime) -> int:
    """The sweep: erase keys older than a day. How many went."""
    old = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR)
    return old.delete()[0]
