"""Keys of devices: made, rotated, revoked, and read again.

A key is `<prefix>.<secret>`. The secret is 256 random bits, so that its plain SHA-256 is enough: there is nothing to
guess by dictionary that a slow or salted hash would have to hold up, and every request may be checked at once.

Whoever calls has asked `user.can(manage_staff, venue)`: a device is taken on like a member of staff.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from accounts.grants import Permission
from accounts.models import User
from audit.trail import record
from trufan.lib.errors import Invalid
from trufan.lib.ids import uuid7
from venues.devices import places
from venues.devices.errors import DeviceRevoked, InvalidApiKey
from venues.devices.models import VenueDevice
from venues.errors import BeyondOwnRights
from venues.models import Venue

Scope = VenueDevice.Scope
#: What each scope permits. Which endpoints it opens is said at these (`opening.open_to`).
PERMISSIONS: Mapping[str, Permission] = {
    Scope.SCAN: Permission.CHECK_IN,
    Scope.GATE: Permission.RUN_PARKING,
    Scope.KITCHEN: Permission.RUN_KITCHEN,
}
#: How long a rotated key may stay good beside the new one.
LONGEST_OVERLAP = 7 * 24 * 60
#: `last_used_at` is written at most so often.
_NOTED_EVERY = timedelta(minutes=1)
#: Never a mailbox: RFC 2606 keeps `.invalid` free of names.
_ADDRESS = "device-{}@devices.invalid"


def create(
    venue: Venue,
    by: User,
    now: datetime,
    *,
    name: str,
    scopes: Iterable[str],
    place_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[VenueDevice, str]:
    """A device and its key, which is told this once. `place_id`: the one event, lot or outlet it is for.

    Raises `Invalid`, and `BeyondOwnRights` for a scope whose permission `by` does not hold.
    """
    chosen = _checked(scopes)
    if any(not by.can(PERMISSIONS[scope], venue) for scope in chosen):
        raise BeyondOwnRights
    if expires_at is not None and expires_at <= now:
        raise Invalid.field("expires_at", gettext("Give a time to come."), "in_the_past")
    if place_id is not None:
        _check_place(venue, chosen, place_id)
    prefix, secret = "tfd_" + secrets.token_hex(6), secrets.token_urlsafe(32)
    with transaction.atomic():
        device = VenueDevice.objects.create(
            venue=venue,
            account=_account(name),
            name=name,
            scopes=chosen,
            place_id=place_id,
            prefix=prefix,
            secret_hash=_hash(secret),
            created_by=by,
            expires_at=expires_at,
        )
        record("device.created", device, new=_facts(device), actor=by, venue_id=venue.pk)
    return device, f"{prefix}.{secret}"


def rotate(device: VenueDevice, by: User, now: datetime, *, keep_minutes: int = 0) -> tuple[VenueDevice, str]:
    """A new key, told this once; the old one stays good for `keep_minutes`. Raises `DeviceRevoked`, `Invalid`,
    `BeyondOwnRights`."""
    if not 0 <= keep_minutes <= LONGEST_OVERLAP:
        raise Invalid.field("keep_minutes", gettext("Give 0 to {most} minutes.").format(most=LONGEST_OVERLAP), "range")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        device = _locked(device)
        if any(not by.can(PERMISSIONS[scope], device.venue_id) for scope in device.scopes):
            raise BeyondOwnRights
        device.former_hash = device.secret_hash if keep_minutes else ""
        device.former_until = now + timedelta(minutes=keep_minutes) if keep_minutes else None
        device.secret_hash = _hash(secret)
        device.save(update_fields=["secret_hash", "former_hash", "former_until", "updated_at"])
        said = {"keep_minutes": keep_minutes}
        record("device.rotated", device, new=said, actor=by, venue_id=device.venue_id)
    return device, f"{device.prefix}.{secret}"


def revoke(device: VenueDevice, by: User, now: datetime) -> VenueDevice:
    """From now on its key opens nothing; the row stays, as what it did does. Raises `DeviceRevoked`."""
    with transaction.atomic():
        device = _locked(device)
        device.revoked_at = now
        device.save(update_fields=["revoked_at", "updated_at"])
        record("device.revoked", device, actor=by, venue_id=device.venue_id)
    return device


def read(key: str, now: datetime) -> VenueDevice:
    """The device whose key this is, with its account and who made it. Raises `InvalidApiKey`."""
    prefix, _, secret = key.partition(".")
    found = VenueDevice.objects.select_related("account", "created_by").filter(prefix=prefix[:20]).first()
    if found is None or not _is_good(found, secret, now) or found.state(now) != VenueDevice.State.ACTIVE:
        raise InvalidApiKey
    return found


def note_use(device: VenueDevice, now: datetime) -> None:
    """Remember that it called; of many requests in a minute one writes."""
    stale = now - _NOTED_EVERY
    if device.last_used_at is not None and device.last_used_at > stale:
        return
    rows = VenueDevice.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=stale), pk=device.pk)
    rows.update(last_used_at=now)


def permissions_of(device: VenueDevice) -> frozenset[str]:
    return frozenset(PERMISSIONS[scope] for scope in device.scopes if scope in PERMISSIONS)


def _is_good(device: VenueDevice, secret: str, now: datetime) -> bool:
    given = _hash(secret)
    is_former = device.former_until is not None and device.former_until > now
    former = hmac.compare_digest(device.former_hash, given) and is_former
    return hmac.compare_digest(device.secret_hash, given) or former


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _checked(scopes: Iterable[str]) -> list[str]:
    chosen = set(scopes)
    if not chosen or chosen - set(Scope.values):
        allowed = ", ".join(Scope.values)
        raise Invalid.field("scopes", gettext("Give one or more of: {scopes}.").format(scopes=allowed), "scopes")
    return sorted(chosen)


def _check_place(venue: Venue, scopes: list[str], place_id: UUID) -> None:
    if len(scopes) != 1:
        said = gettext("A device for one event, lot or outlet has exactly one scope.")
        raise Invalid.field("place_id", said, "one_scope")
    if places.find(scopes[0], venue.pk, place_id) is None:
        said = gettext("There is nothing by that id at this venue that the scope is about.")
        raise Invalid.field("place_id", said, "unknown_place")


def _account(name: str) -> User:
    """Closed from the start: no password, no mail, no sign-in; it only stands for the device in what it does."""
    account = User(email=_ADDRESS.format(uuid7().hex), first_name=name, is_active=False)
    account.password = make_password(None)
    account.save(force_insert=True)
    return account


def _locked(device: VenueDevice) -> VenueDevice:
    row = VenueDevice.objects.select_for_update().get(pk=device.pk)
    if row.revoked_at is not None:
        raise DeviceRevoked
    return row


def _facts(device: VenueDevice) -> dict[str, Any]:
    return {
        "scopes": device.scopes,
        "place_id": device.place_id,
        "prefix": device.prefix,
        "account": device.account_id,
        "expires_at": device.expires_at,
    }
