"""The page's modules in a real browser: they agree with the published vectors, and with what the server decides."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from selenium import webdriver

from events.models import Event
from ticketing import codes
from ticketing.door import lists, rules
from ticketing.door.lists import open_list
from ticketing.manifest import making
from ticketing.manifest.own_parts import public_keys
from ticketing.models import EntrySlot, Ticket
from ticketing.scanner import screens
from ticketing.scanner.tests.phone import a_phone, in_page
from ticketing.tests.sales import buy
from trufan.tests.by_touch import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VECTORS = settings.BASE_DIR / "docs" / "vectors"
ROTATING = json.loads((VECTORS / "rotating-codes.json").read_text())
MANIFEST = json.loads((VECTORS / "manifest.json").read_text())
#: Opens a manifest, and decides every scan by it: `[manifest, keys, [[code, place, milliseconds], …]]`.
DECIDE = """
    const {decide} = await import("scanner/deciding"), {open} = await import("scanner/manifest");
    const {trust} = await import("scanner/codes"), {fromBase64url} = await import("scanner/bytes");
    const keys = await trust(given[1]), {header, rows} = await open(fromBase64url(given[0]), keys);
    const of = Object.fromEntries(rows.map((row) => [row.id, row]));
    const known = {header, keys, rowOf: (ticket) => of[ticket], ownOf: () => undefined};
    const found = [];
    for (const [code, place, at] of given[2]) {
        found.push((await decide(code, known, place, at)).reason);
    }
    return found;
"""


@pytest.fixture
def phone(live_server, gus, event) -> Iterator[webdriver.Chrome]:
    with a_phone() as browser:
        sign_in(browser, live_server, gus)
        browser.get(live_server.url + screens.address(event))
        yield browser


def test_secrets_and_numbers_are_those_of_the_vectors(phone):
    script = """
        const {hmacKey, number, secret} = await import("scanner/totp"), {fromHex} = await import("scanner/bytes");
        const found = [];
        for (const {door_key, code_version, moments} of given[0]) {
            const key = await secret(await hmacKey(fromHex(door_key)), given[1], code_version);
            found.push(await Promise.all(moments.map(({step}) => number(key, step))));
        }
        return found;
    """
    found = in_page(phone, script, ROTATING["devices"], ROTATING["ticket"].replace("-", ""))
    assert found == [[moment["number"] for moment in device["moments"]] for device in ROTATING["devices"]]


def test_the_published_manifest_opens_to_what_it_says(phone):
    script = """
        const {open} = await import("scanner/manifest"), {trust} = await import("scanner/codes");
        const {fromBase64url} = await import("scanner/bytes");
        const {header, rows} = await open(fromBase64url(given[0]), await trust(given[1]));
        return [header.event, rows, Object.keys(header.rotation.door_keys),
            Object.values(header.rotation.door_keys).some((key) => key.extractable)];
    """
    event, rows, key_ids, readable = in_page(phone, script, MANIFEST["manifest_base64"], MANIFEST["header"]["keys"])
    assert event == MANIFEST["header"]["event"]
    assert {row.pop("id"): row for row in rows} == {
        pk.replace("-", ""): ticket for pk, ticket in MANIFEST["tickets"].items()
    }
    assert (key_ids, readable) == ([MANIFEST["key_id"]], False)


@pytest.mark.parametrize("at", [0, 9, 700, -1])
def test_a_manifest_that_was_changed_does_not_open(phone, at):
    content = bytearray(base64.b64decode(MANIFEST["manifest_base64"]))
    content[at] ^= 1
    given = base64.b64encode(bytes(content)).decode()
    with pytest.raises(AssertionError, match=r"no manifest|changed|JSON|cut short|not for this"):
        in_page(phone, DECIDE, given, MANIFEST["header"]["keys"], [])


def decided(phone: Any, event: Event, scans: list[tuple[str, dict[str, str], datetime]]) -> list[str]:
    event = Event.objects.select_related("venue").get(pk=event.pk)
    content = base64.b64encode(making.make(event, timezone.now()).content).decode()
    told = [
        [code, {"gate": "", "list": "", "direction": "in", **place}, at.timestamp() * 1000] for code, place, at in scans
    ]
    return in_page(phone, DECIDE, content, public_keys(event), told)


def test_page_and_server_say_the_same_of_every_ticket(phone, fay, gus, olga, event, ticket_type):
    good, used, left, refunded, frozen, returning, outdated, slotted = buy(fay, ticket_type, 8)
    now = timezone.now()
    was_in = {"status": "used", "used_at": now, "inside": True, "entries": 1, "last_in_at": now}
    old_code = codes.sign(outdated)
    slot = EntrySlot.objects.create(
        event=event, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), capacity=5, sold=1
    )
    for ticket, state in (
        (used, was_in),
        (left, {**was_in, "inside": False, "last_out_at": now}),
        (refunded, {"status": "refunded", "revoked_at": now}),
        (frozen, {"frozen_at": now}),
        (returning, {"returning_at": now}),
        (outdated, {"code_version": 2}),
        (slotted, {"slot": slot}),
    ):
        Ticket.objects.filter(pk=ticket.pk).update(**state)
    ticket_type.gates = ["South"]
    ticket_type.save()
    box = lists.create(event, olga, name="Box", gates=["north "], ticket_types=[ticket_type])
    places = [
        {"gate": "South"}, {"gate": " south"}, {"gate": "North"}, {}, {"list": str(box.pk), "gate": "South"},
        {"gate": "South", "direction": "out"},
    ]  # fmt: skip
    moments = [now, event.doors_at - timedelta(minutes=1), event.ends_at + timedelta(minutes=61)]
    all_of = [good, used, left, refunded, frozen, returning, outdated, slotted]
    for policy in ({}, {"reentry": True}, {"slot_grace_minutes": 90}):
        Event.objects.filter(pk=event.pk).update(configuration={"door": policy})
        cases = []
        for ticket in all_of:
            row = Ticket.objects.with_event().select_related("slot").get(pk=ticket.pk)
            for code, version in [
                (codes.sign(row), row.code_version),
                *([(old_code, 1)] if ticket is outdated else []),
            ]:
                for place in places:
                    for at in moments:
                        chosen = open_list(gus, box.pk, event.pk) if "list" in place else None
                        door = rules.Door(at, event.pk, place.get("gate", ""), chosen)
                        rule = rules.why_not_leave if place.get("direction") == "out" else rules.why_not_enter
                        cases.append((code, place, at, str(rule(row, version, door))))
        found = decided(phone, event, [case[:3] for case in cases])
        assert found == [case[3] for case in cases]


def test_what_is_no_ticket_of_the_event_is_refused(phone, event, tickets, stan):
    good = codes.sign(tickets[0])
    forged = good[:60] + ("A" if good[60] != "A" else "B") + good[61:]
    now = timezone.now()
    said = [good, good.lower() + "\n", forged, "", "TF1:", "TF1:" + "1" * 164, good + "A", "TF2:" + good[4:], "\x00"]
    assert decided(phone, event, [(text, {}, now) for text in said]) == [
        "", "", "forged", "unknown", "unknown", "unknown", "unknown", "unknown", "unknown",
    ]  # fmt: skip
