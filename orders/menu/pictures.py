"""Pictures of products: read, turned upright, made small, and written anew without what a camera adds to them."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from audit.trail import record
from orders.menu import writing
from orders.menu.models import Product
from trufan.lib.errors import Invalid

#: What may be sent, below the limit of every request; and how large a side is kept.
MAX_BYTES = 1_000_000
MAX_PIXELS = 25_000_000
SIDE = 1_600
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def checked(file: File) -> ContentFile:
    """The picture as it is kept. Raises `Invalid` for what is no JPEG, PNG or WebP, or too large."""
    if file.size > MAX_BYTES:
        raise Invalid.field("picture", f"Send at most {MAX_BYTES // 1000} kB.", "too_large")
    try:
        with Image.open(file, formats=list(ENDINGS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid.field("picture", f"At most {MAX_PIXELS // 1_000_000} million pixels.", "too_large")
            kind = str(image.format)
            kept = ImageOps.exif_transpose(image)
            kept.thumbnail((SIDE, SIDE))
            written = BytesIO()
            # A new image without the old one's metadata, a place among them.
            kept.info = {}
            kept.save(written, kind, exif=b"")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise Invalid.field("picture", "Send a JPEG, PNG or WebP picture.", "invalid_image") from problem
    return ContentFile(written.getvalue(), name=f"picture.{ENDINGS[kind]}")


def put(product: Product, by: Any, file: File | None) -> Product:
    """Give the product this picture, or none. The former file goes once that is committed."""
    kept = checked(file) if file else None
    # The file first: a store may be far away, and nothing waits for it while rows are locked.
    name = _stored(product, kept) if kept else ""
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


def _stored(product: Product, kept: ContentFile) -> str:
    field = product.picture.field
    return field.storage.save(field.generate_filename(product, str(kept.name)), kept)
