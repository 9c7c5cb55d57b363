"""Reading a PDF back: what it shows, in words, by the map from glyphs to characters that each of its fonts carries."""

from __future__ import annotations

import re
import zlib


def text_of(pdf: bytes) -> str:
    """The text of all pages, piece by piece in the order it was drawn, pieces joined by line breaks."""
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}
    fonts = {
        name: _characters(_stream(objects[int(re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])[1])]))
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", pdf)
    }
    shown, font = [], {}
    for body in objects.values():
        if b"stream" not in body or not (content := _stream(body)).startswith(b"2 J"):
            continue
        for name, drawn in re.findall(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) ?Tj", content, re.DOTALL):
            if name:
                font = fonts[name]
            else:
                shown.append(_words(drawn, font))
    return "\n".join(shown)


def _stream(body: bytes) -> bytes:
    raw = re.search(rb"stream\n(.*)\nendstream", body, re.DOTALL)[1]
    return zlib.decompress(raw) if b"/FlateDecode" in body else raw


def _characters(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"^<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>$", cmap, re.MULTILINE)
    return {int(glyph, 16): bytes.fromhex(char.decode()).decode("utf-16-be") for glyph, char in pairs}


def _words(drawn: bytes, font: dict[int, str]) -> str:
    plain = re.sub(rb"\\(.)", lambda each: {b"n": b"\n", b"r": b"\r"}.get(each[1], each[1]), drawn, flags=re.DOTALL)
    glyphs = [int.from_bytes(plain[at : at + 2], "big") for at in range(0, len(plain), 2)]
    return "".join(font[glyph] for glyph in glyphs)
