"""Pictures that people send: read, turned upright, made small, and written anew without what a camera adds to them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db.models import Model
from PIL import Image, ImageOps, UnidentifiedImageError

from trufan.lib.errors import Invalid

#: What may be sent, below the limit of every request; and how large a side is kept.
MAX_BYTES = 1_000_000
MAX_PIXELS = 25_000_000
SIDE = 1_600
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def checked(file: File, field: str = "picture") -> ContentFile:
    """The picture as it is kept. Raises `Invalid`, naming `field`, for what is no JPEG, PNG or WebP, or too large."""
    if file.size > MAX_BYTES:
        raise Invalid.field(field, f"Send at most {MAX_BYTES // 1000} kB.", "too_large")
    try:
        with Image.open(file, formats=list(ENDINGS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid.field(field, f"At most {MAX_PIXELS // 1_000_000} million pixels.", "too_large")
            kind = str(image.format)
            kept = ImageOps.exif_transpose(image)
            kept.thumbnail((SIDE, SIDE))
            written = BytesIO()
            # A new image without the old one's metadata, a place among them.
            kept.info = {}
            kept.save(written, kind, exif=b"")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise Invalid.field(field, "Send a JPEG, PNG or WebP picture.", "invalid_image") from problem
    return ContentFile(written.getvalue(), name=f"picture.{ENDINGS[kind]}")


def private_store() -> Storage:
    """Where pictures are kept that only our own views show; a field names it as its `storage`."""
    return storages["private"]


def stored(row: Model, name: str, kept: ContentFile) -> str:
    """Put the file into the store of the row's field `name`, which names it; what the field is to hold.

    Outside of any transaction: a store may be far away, and nothing waits for it while rows are locked.
    """
    field: Any = row._meta.get_field(name)
    return field.storage.save(field.generate_filename(row, str(kept.name)), kept)
