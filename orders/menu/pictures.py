"""Pictures of products."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction

from audit.trail import record
from orders.menu import writing
from orders.menu.models import Product
from trufan.lib.pictures import checked, stored


def put(product: Product, by: Any, file: File | None) -> Product:
    """Give the product this picture, or none. The former file goes once that is committed. Raises `Invalid`."""
    name = stored(product, "picture", checked(file)) if file else ""
    with transaction.atomic():
        row = writing.locked(product)
        before = row.picture.name
        if before == name:
            return row
        row.picture = name
        row.save(update_fields=["picture", "updated_at"])
        record("product.picture_changed", row, old={"picture": before}, new={"picture": name}, actor=by)
        if before:
            transaction.on_commit(partial(row.picture.storage.delete, before))
    return row
