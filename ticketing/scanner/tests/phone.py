"""A phone with a camera that looks at one QR code, for tests in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import segno
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

WIDTH, HEIGHT = 412, 915
#: Of the film, in pixels; both even, as its colours are kept for four at a time.
FILM_WIDTH, FILM_HEIGHT, FRAMES = 640, 480, 5
WHITE, BLACK = 235, 16


def film(text: str, path: Path) -> Path:
    """A Y4M film in which nothing happens: the QR code of `text` in the middle, black on white; without one, white."""
    rows = [list(row) for row in segno.make(text or " ", error="m", micro=False).matrix_iter(border=4)]
    scale = FILM_HEIGHT // len(rows)
    side = scale * len(rows)
    left, top = (FILM_WIDTH - side) // 2, (FILM_HEIGHT - side) // 2
    light = [bytearray([WHITE]) * FILM_WIDTH for _ in range(FILM_HEIGHT)]
    for y in range(side):
        for x in range(side):
            if text and rows[y // scale][x // scale]:
                light[top + y][left + x] = BLACK
    colours = bytes([128]) * (FILM_WIDTH * FILM_HEIGHT // 2)
    frame = b"FRAME\n" + b"".join(map(bytes, light)) + colours
    head = f"YUV4MPEG2 W{FILM_WIDTH} H{FILM_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + frame * FRAMES)
    return path


@contextmanager
def a_phone(sees: Path | None = None) -> Iterator[webdriver.Chrome]:
    """A browser of a phone's size whose camera shows the film; without one, what the browser makes up."""
    options = webdriver.ChromeOptions()
    arguments = [
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={WIDTH},{HEIGHT}",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    ]  # fmt: skip
    if sees:
        arguments.append(f"--use-file-for-fake-video-capture={sees}")
    for argument in arguments:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.set_script_timeout(20)
    try:
        yield driver
    finally:
        driver.quit()


def network(phone: webdriver.Chrome, *, there: bool) -> None:
    """Take the network away from the page, or give it back."""
    said: dict[str, Any] = {"offline": not there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    phone.execute_cdp_cmd("Network.enable", {})
    phone.execute_cdp_cmd("Network.emulateNetworkConditions", said)


def in_page(phone: webdriver.Chrome, script: str, *arguments: Any) -> Any:
    """What an async function of the page's modules returns; `given` are the arguments."""
    whole = f"""const given = [...arguments], done = given.pop();
    (async () => {{ {script} }})().then((found) => done([found]), (error) => done([null, String(error.stack)]));"""
    found, *error = phone.execute_async_script(whole, *arguments)
    assert not error, error[0]
    return found
