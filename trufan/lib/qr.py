"""A code as a picture."""

from __future__ import annotations

import io

import segno

#: Pixels a module in the PNG: 424 pixels square with its quiet zone, sharp on a phone and on paper.
PNG_SCALE = 8
SVG_SCALE = 4


def picture(code: str, kind: str, title: str) -> bytes:
    """The code as QR symbol in `svg` or `png`, with the error correction (M, 15 %) that a scratched phone needs."""
    symbol = segno.make(code, error="m", boost_error=False, micro=False)
    out = io.BytesIO()
    if kind == "svg":
        # Without a ground of its own it would be black on black on a dark page.
        symbol.save(out, kind="svg", scale=SVG_SCALE, light="#fff", title=title)
    else:
        symbol.save(out, kind="png", scale=PNG_SCALE)
    return out.getvalue()
