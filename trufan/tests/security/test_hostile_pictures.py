"""A picture is read only as JPEG, PNG or WebP of a sane size, and what is kept was written by us."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image, PngImagePlugin

from trufan.lib.errors import Invalid
from trufan.lib.pictures import MAX_BYTES, MAX_PIXELS, checked


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; of its pixels it has but a few."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")
    )


def saved(kind: str, **how: object) -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, kind, **how)
    return written.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        checked(ContentFile(content))
    return refusal.value.details[0].code


@pytest.mark.parametrize("side", [5_001, 20_000, 2**31 - 1])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(side: int) -> None:
    assert refused(png(side, side)) in ("too_large", "invalid_image")


def test_the_limit_is_on_pixels_not_on_sides() -> None:
    assert refused(png(MAX_PIXELS + 1, 1)) in ("too_large", "invalid_image")
    assert checked(ContentFile(saved("PNG"))).size > 0


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        saved("GIF"),
        saved("TIFF"),
        saved("PNG")[:60],
        b"",
    ],
    ids=["svg", "html", "postscript", "gif", "tiff", "cut off", "empty"],
)
def test_what_is_no_picture_of_the_three_kinds_is_refused(content: bytes) -> None:
    assert refused(content) == "invalid_image"


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    assert refused(saved("PNG") + bytes(MAX_BYTES)) == "too_large"


def test_what_was_hidden_in_it_is_gone() -> None:
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "<?php evil ?>"
    for content in (saved("PNG", pnginfo=hidden) + b"<script>", saved("JPEG", exif=exif) + b"<?php evil ?>"):
        kept = checked(ContentFile(content)).read()
        assert b"script" not in kept
        assert b"evil" not in kept


def test_a_text_that_inflates_beyond_measure_is_refused() -> None:
    bomb = zlib.compress(bytes(80_000_000), 9)
    chunk = b"Comment\x00\x00" + bomb
    text = struct.pack(">I", len(chunk)) + b"zTXt" + chunk + struct.pack(">I", zlib.crc32(b"zTXt" + chunk))
    plain = saved("PNG")
    assert len(text) < MAX_BYTES
    assert refused(plain[:33] + text + plain[33:]) == "invalid_image"
