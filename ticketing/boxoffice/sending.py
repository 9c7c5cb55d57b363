"""Sending what was sold over the counter afterwards, when the buyer asks for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from audit.console import entity_type
from audit.models import AuditLog
from audit.trail import record
from orders.checkout import Contact
from orders.completion import confirm
from orders.locking import lock
from orders.models import Order
from orders.signals import orders_adopted
from ticketing.boxoffice.accounts import account_of
from ticketing.boxoffice.errors import AlreadyAddressed
from ticketing.boxoffice.models import DoorSale
from trufan.lib.errors import Invalid

_SENT = "door_sale.sent"


def send(sale: DoorSale, contact: Contact, *, by: Any, key: UUID | None = None) -> None:
    """Send the tickets to an e-mail address, a phone, or both; what the order does not know yet it learns from this.

    `key` is the form's own: the same one again sends nothing more. Raises `Invalid` without either, and
    `AlreadyAddressed` where the order names somebody else: its tickets are theirs.
    """
    if not (contact.email or contact.phone):
        raise Invalid.field("email", "Say an e-mail address or a phone number.", "required")
    with transaction.atomic():
        order = lock(sale.order_id)
        if key and _is_sent(sale, key):
            return
        _address(order, contact)
        confirm(order, order.all_lines())
        # The trail names the channels alone: whose address it was, the order knows.
        channels = [name for name in ("email", "phone") if getattr(contact, name)]
        record(_SENT, sale, new={"key": key, "channels": channels}, actor=by, venue_id=order.venue_id)


def _is_sent(sale: DoorSale, key: UUID) -> bool:
    sent = AuditLog.objects.filter(entity_type=entity_type(sale), entity_id=sale.pk, action=_SENT)
    return sent.filter(new_values__key=str(key)).exists()


def _address(order: Order, contact: Contact) -> None:
    """Write what is new of it. An address that is known stays: the tickets were sent there."""
    given = {"contact_email": contact.email.lower(), "contact_phone": contact.phone}
    for name, value in given.items():
        known = str(getattr(order, name) or "")
        if value and known and known != value:
            raise AlreadyAddressed()
    fresh = {name: value for name, value in given.items() if value and not getattr(order, name)}
    for name, value in fresh.items():
        setattr(order, name, value)
    order.save(update_fields=[*fresh, "updated_at"])
    owner = account_of(order.contact_email) if "contact_email" in fresh and order.user_id is None else None
    if owner is not None:
        order.user = owner
        order.save(update_fields=["user", "updated_at"])
        orders_adopted.send(sender=Order, user=owner, order_ids=[order.pk])
