"""Setting a stock right: what was counted, or by how much it was off, and why."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import NotCounted, QuantityTooSmall
from orders.menu import stock, writing
from orders.menu.models import ProductVariant
from trufan.lib.errors import Invalid


def count(variant: ProductVariant, by: Any, *, counted: int | None, reason: str) -> ProductVariant:
    """So many are there and not sold, held ones among them; None: nobody counts them any more.

    Raises `QuantityTooSmall` when carts hold more than that.
    """
    return _correct(variant, by, reason, lambda row: None if counted is None else row.sold + counted)


def correct(variant: ProductVariant, by: Any, *, delta: int, reason: str) -> ProductVariant:
    """So many more, or with a minus fewer. Raises `NotCounted`, `QuantityTooSmall`."""
    if not delta:
        raise Invalid.field("delta", "This changes nothing.")

    def moved(row: ProductVariant) -> int:
        if row.quantity is None:
            raise NotCounted
        return row.quantity + delta

    return _correct(variant, by, reason, moved)


def _correct(variant: ProductVariant, by: Any, reason: str, quantity_of: Any) -> ProductVariant:
    if not reason.strip():
        raise Invalid.field("reason", "Say why.", "required")
    with transaction.atomic():
        # Locked: the counters a sale moves stay what they are until the new quantity is written.
        row = writing.locked(variant)
        before, after = row.quantity, quantity_of(row)
        if after is not None and after < row.held + row.sold:
            raise QuantityTooSmall(
                gettext("{held} of {row} are held in carts and {sold} sold.").format(
                    held=row.held, row=row, sold=row.sold
                )
            )
        row.quantity = after
        row.save(update_fields=["quantity", "updated_at"])
        new = {"quantity": after, "reason": reason}
        record("variant.stock_corrected", row, old={"quantity": before}, new=new, actor=by)
        stock.note_refilled([row.pk])
        stock.warn([row.pk])
    return row
