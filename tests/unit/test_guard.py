"""Which addresses are public."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.guard import Guard, PrivateAddress, is_public
from pipeline.errors import Refused


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::",
        "2002:a9fe:a9fe::",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "printer",
        "",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def test_a_socket_is_made_for_public_addresses_alone() -> None:
    def info(address: str, port: int) -> tuple[object, ...]:
        return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))

    guard = Guard(exempt=("127.0.0.1", 8123))
    guard.socket(info("8.8.8.8", 80)).close()
    guard.socket(info("127.0.0.1", 8123)).close()
    Guard(allow_private=True).socket(info("10.0.0.1", 80)).close()
    for address, port in (("127.0.0.1", 8124), ("127.0.0.2", 8123), ("10.0.0.1", 80)):
        with pytest.raises(PrivateAddress):
            guard.socket(info(address, port))


@pytest.mark.parametrize("url", ["http://ledger.example/", "https://93.184.216.34/", "http://[2606:4700::1111]:8080/"])
def test_urls_that_pass(url: str) -> None:
    Guard().check_url(url)


def test_the_message_names_the_host() -> None:
    with pytest.raises(Refused, match=r"^192\.168\.0\.1 is not a public address$") as raised:
        Guard().check_url("http://192.168.0.1/admin")
    assert raised.value.url == "http://192.168.0.1/admin"


@given(st.text())
def test_any_text_passes_or_is_refused(text: str) -> None:
    for url in (text, "http://" + text):
        try:
            Guard().check_url(url)
        except Refused:
            continue
        assert url.lower().startswith(("http://", "https://"))
