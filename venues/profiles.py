"""Opening a venue and changing what it says about itself."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import Role, User
from audit.trail import record
from trufan.lib.ids import uuid7
from venues import staffing
from venues.errors import MayNotOpenVenue, SlugTaken
from venues.models import Venue
from venues.signals import currency_changing, time_zone_changed

#: Whose values are personal data of whoever answers there: the history says that they changed, not to what.
_CONTACT = frozenset({"contact_email", "contact_phone"})
_SLUG_LENGTH = 80


def open_venue(by: User, **fields: Any) -> Venue:
    """Open a venue, with `by` as its first manager. Without a `slug` one is made from the name.

    Raises `MayNotOpenVenue` for who is neither venue admin nor super admin, `SlugTaken`.
    """
    refuse_opening(by)
    with transaction.atomic():
        venue = Venue(**{**fields, "slug": fields.get("slug") or _free_slug(fields["name"])})
        _save(venue, force_insert=True)
        record("venue.opened", venue, new=_said(fields), actor=by, venue_id=venue.pk)
        staffing.appoint(by, venue, by)
    by.__dict__.pop("granted", None)  # remembered from before the venue was theirs
    return venue


def may_open(user: Any) -> bool:
    """Whether the person may open venues at all."""
    return user.is_superuser or (user.is_active and user.role == Role.VENUE_ADMIN)


def refuse_opening(user: User) -> None:
    """Raise `MayNotOpenVenue` unless the person may open venues."""
    if not may_open(user):
        raise MayNotOpenVenue


def change(venue: Venue, by: User | None, **fields: Any) -> Venue:
    """Change some of a venue's fields; `by` holds `manage_venue` there.

    Raises `SlugTaken`, and what a listener to `currency_changing` raises.
    """
    with transaction.atomic():
        venue = Venue.objects.select_for_update(no_key=True).get(pk=venue.pk)
        changes = {name: value for name, value in fields.items() if getattr(venue, name) != value}
        if not changes:
            return venue
        if "currency" in changes:
            currency_changing.send(sender=Venue, venue=venue, currency=changes["currency"])
        before = {name: getattr(venue, name) for name in changes}
        for name, value in changes.items():
            setattr(venue, name, value)
        _save(venue, update_fields=[*changes, "updated_at"])
        record("venue.changed", venue, old=_said(before), new=_said(changes), actor=by, venue_id=venue.pk)
        if "time_zone" in changes:
            time_zone_changed.send(sender=Venue, venue=venue)
    return venue


def _save(venue: Venue, **how: Any) -> None:
    """Save; the slug is the one thing of a venue that another may hold already."""
    try:
        with transaction.atomic():
            venue.save(**how)
    except IntegrityError:
        if Venue.objects.filter(slug=venue.slug).exclude(pk=venue.pk).exists():
            raise SlugTaken from None
        raise


def _free_slug(name: str) -> str:
    """The name as a slug; with the tail of a new id when another venue has it, or when nothing of it is ASCII."""
    slug = slugify(name)[: _SLUG_LENGTH - 13].strip("-")
    if slug and not Venue.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'venue'}-{uuid7().hex[-12:]}"


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: "(not recorded)" if name in _CONTACT else value for name, value in values.items()}
