"""The manifest that we publish is read as docs/door.md says, by Python and by what the document shows for browsers."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from ticketing.manifest.tests.scanner import Scanner

DOCS = Path(settings.BASE_DIR) / "docs"
FILE = json.loads((DOCS / "vectors" / "manifest.json").read_text())
ROTATING = json.loads((DOCS / "vectors" / "rotating-codes.json").read_text())
CONTENT = base64.b64decode(FILE["manifest_base64"])
IN_NODE = """
const bytes = Uint8Array.from(Buffer.from(process.argv[1], "base64"));
const trusted = { [process.argv[2]]: Uint8Array.from(Buffer.from(process.argv[3], "hex")) };
const opened = await openManifest(bytes, trusted);
bytes[bytes.length - 70] ^= 1;
const forged = await openManifest(bytes, trusted).then(() => "taken", (refusal) => refusal.message);
console.log(JSON.stringify({ header: opened.header, tickets: Object.fromEntries(opened.tickets), forged }));
"""


@pytest.fixture
def scanner() -> Scanner:
    scanner = Scanner({FILE["key_id"]: bytes.fromhex(FILE["public_key"])})
    scanner.take(CONTENT)
    return scanner


def test_the_published_manifest_says_what_is_written_beside_it(scanner):
    assert scanner.header == FILE["header"]
    assert scanner.tickets == FILE["tickets"]


@pytest.mark.parametrize("scan", ROTATING["scans"], ids=lambda scan: f"{scan['at']} {scan['reason'] or 'good'}")
def test_the_published_scans_are_answered_with_the_published_manifest_alone(scanner, scan):
    assert scanner.scan(scan["text"], datetime.fromtimestamp(scan["at"], UTC)) == scan["reason"]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run the document's code")
def test_the_code_for_browsers_reads_it_and_notices_a_forgery():
    shown = re.search(r"```js\n(.*?)```", (DOCS / "door.md").read_text(), re.DOTALL)
    assert shown is not None
    program = ["node", "--no-warnings", "--input-type=module", "-e", shown[1] + IN_NODE, "--"]
    given = [FILE["manifest_base64"], FILE["key_id"], FILE["public_key"]]
    ran = subprocess.run([*program, *given], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["header"] == FILE["header"]
    read = {pk.replace("-", ""): row for pk, row in FILE["tickets"].items()}
    assert {pk: {**row, "id": pk} for pk, row in read.items()} == said["tickets"]
    assert said["forged"] == "forged"
