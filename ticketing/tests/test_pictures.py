"""The QR code as a picture."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET

import pytest
import segno

from ticketing import codes
from trufan.lib import qr


def modules(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_the_png_is_the_symbol_of_the_ticket_s_code(api, fay, ticket):
    answer = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/qr.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content == qr.picture(codes.sign(ticket), "png", "Ticket")
    assert answer.content.startswith(b"\x89PNG")
    assert modules(answer.content) == (424, 424)


def test_the_svg_has_a_quiet_zone_and_a_white_ground(api, fay, ticket):
    answer = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/qr.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Cache-Control"] == "private, no-store"
    root = ET.fromstring(answer.content)  # noqa: S314
    side = segno.make(codes.sign(ticket), error="m", boost_error=False).symbol_size()[0]
    assert (root.get("width"), side) == (str(side * qr.SVG_SCALE), 53)
    ground = root.find(".//*[@fill='#fff']")
    assert ground.get("d").startswith("M0 0h53v53")


@pytest.mark.parametrize("accept", ["image/png", "image/*", "application/json", "*/*", "text/html"])
def test_a_picture_comes_whatever_is_asked_for(api, fay, ticket, accept):
    answer = api.as_(fay).get(f"/api/v1/tickets/{ticket.pk}/qr.png", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")


def test_a_refusal_is_still_json(api, ticket):
    answer = api.get(f"/api/v1/tickets/{ticket.pk}/qr.png", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
