"""Nothing is ever sent to where it must not go."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from notifications.webhooks import addresses
from notifications.webhooks.errors import BadAddress
from trufan.lib.errors import Invalid

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",  # noqa: S104
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.19.9.9", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:53aa:64c::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "172.32.0.1", "192.0.1.1", "198.20.0.1",
          "223.255.255.1", "168.63.129.17", "2606:4700::1111", "2a00:1450:4001:81b::200e"]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_not_connected_to(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_one_is(address):
    assert addresses.is_public(address)


@pytest.mark.parametrize("address", [each for each in PRIVATE if "%" not in each])
def test_it_can_not_be_named_in_the_address_either(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid) as refused:
        addresses.check(f"https://{host}/hooks")
    assert [(each.field, each.code) for each in refused.value.details] == [("url", "address_refused")]


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
        "https://127。0。0。1/", "https://１２７.0.0.1/", "https://[::ffff:7f00:1]/",
    ],
)  # fmt: skip
def test_no_other_spelling_of_it_helps(url):
    with pytest.raises(Invalid):
        addresses.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example.com", "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd",
        "gopher://hooks.example.com/", "//hooks.example.com/", "https://", "https:///hooks", "https://?a=b",
        "https://user@hooks.example.com/", "https://user:word@hooks.example.com/", "https://@hooks.example.com/",
        "https://hooks.example.com:80/", "https://hooks.example.com:22/", "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/", "https://hooks.example.com:-1/", "https://hooks.example.com:a/",
        "https://hooks.example.com/a b", "https://hooks.example.com/\r\nHost: x", "https://hooks.example.com/\x00",
        "https://hooks.example.com/\x7f", "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/#part",
        "https://hooks.example.com/ä", "https://hooks\u2028.example.com/", "https://ho\u200bks.example.com:x/",
        "https://-hooks.example.com/", "https://hooks-.example.com/", "https://hooks..example.com/", "https://.example/",
        "https://ho*ks.example.com/", "https://[::1/", "https://[v1.a]/", "https://[v1:a]/", "https://[::1%25eth0]/", "https://%31.1.1.1/",
        f"https://{'a' * 64}.example.com/", f"https://{'ä' * 60}.example.com/", "https://xn--ä.example.com/",
        f"https://{'a.' * 130}com/", "https://hooks.example.com/" + "a" * 500, "https://\ud800.example.com/",
    ],
)  # fmt: skip
def test_what_is_no_proper_address_is_refused_before_anything_is_looked_up(url):
    with pytest.raises(BadAddress):
        addresses.read(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "header"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/", "hooks.example.com"),
        ("https://HOOKS.example.com:443/a?b=c", "hooks.example.com", 443, "/a?b=c", "hooks.example.com"),
        ("https://hooks.example.com:8443?b", "hooks.example.com", 8443, "/?b", "hooks.example.com:8443"),
        ("https://bücher.example:1024/", "xn--bcher-kva.example", 1024, "/", "xn--bcher-kva.example:1024"),
        ("https://[2606:4700::1111]/x", "2606:4700::1111", 443, "/x", "[2606:4700::1111]"),
    ],
)
def test_a_proper_one_is_taken_apart(url, host, port, path, header):
    target = addresses.read(url)
    assert (target.host, target.port, target.path, target.host_header) == (host, port, path, header)


def leads_to(monkeypatch: Any, *found: str) -> None:
    """What the name server says."""

    def answer(host: str, port: int, **kwargs: Any) -> list[tuple]:
        families = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [(family, socket.SOCK_STREAM, 6, "", (each, port)) for family, each in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_is_refused_if_any_of_its_addresses_is_not_public(monkeypatch):
    leads_to(monkeypatch, "93.184.215.14", "10.0.0.5")
    with pytest.raises(BadAddress, match="not public"):
        addresses.look_up(addresses.read("https://hooks.example.com/"))


def test_what_was_checked_is_what_is_connected_to(monkeypatch):
    leads_to(monkeypatch, "93.184.215.14", "2606:4700::1111")
    places = addresses.look_up(addresses.read("https://hooks.example.com:8443/"))
    assert [(each.address, each.port) for each in places] == [("93.184.215.14", 8443), ("2606:4700::1111", 8443)]


def test_a_name_server_that_hangs_keeps_nobody(monkeypatch):
    end = threading.Event()

    def hang(*args: Any, **kwargs: Any) -> list[tuple]:
        end.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(BadAddress, match="in time"):
        addresses.look_up(addresses.read("https://hooks.example.com/"), seconds=0.05)
    end.set()


def test_a_laptop_may_have_its_own_machine_told_and_by_http(nearby):
    assert addresses.look_up(addresses.read("http://127.0.0.1:9000/"))[0].address == "127.0.0.1"
