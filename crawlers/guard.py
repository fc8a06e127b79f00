"""Where requests may go: public http(s) addresses only, judged by the very address of the very socket.

Names are judged early for a clear message (`check_url`); what protects is `Guard.socket`, which sees the address that
is about to be connected to, after DNS, on every connection, redirects and literals included. A name that resolves to a
public address when checked and to a private one when connected to (DNS rebinding) therefore gains nothing.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import Refused

# What a cloud tells its own machines. The other such addresses (169.254.169.254, 100.100.100.200, fd00:ec2::254) lie
# in ranges that are not public anyway; Azure's and Oracle's do not, as Python sees them.
METADATA = frozenset({ip_address("168.63.129.16"), ip_address("192.0.0.192")})

# RFC 6052 and RFC 8215: the last 32 bits of a NAT64 address are an IPv4 address.
NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))

# 127.1, 2130706433, 0x7f.1: forms that the C library reads as IPv4 addresses.
NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)

LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")


class PrivateAddress(OSError):
    """Raised where a socket would be made. One text for all, so that several such failures stay one error."""

    def __init__(self) -> None:
        super().__init__("not a public address")


def is_public(address: str) -> bool:
    """Whether an IP address literal is public unicast, and embeds no IPv4 address that is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip in METADATA)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a mapped, 6to4, Teredo or NAT64 address leads to."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if any(ip in net for net in NAT64):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


@dataclass(frozen=True, slots=True)
class Guard:
    """`exempt` is the one (address, port) that a `connect_to` setting names; `allow_private` lets all pass."""

    allow_private: bool = False
    exempt: tuple[str, int] | None = None

    def check_url(self, url: str) -> None:
        """Raise `Refused` for what is no public http(s) address by its looks: scheme, credentials, host."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as why:
            raise Refused(f"not an address: {why}", url=url) from why
        if parts.scheme not in ("http", "https"):
            raise Refused(
                f"only http and https are fetched, not {parts.scheme or 'an address without scheme'}", url=url
            )
        if not host:
            raise Refused("the address names no host", url=url)
        if parts.username is not None or parts.password is not None:
            raise Refused("the address carries a user name or password", url=url)
        self.check_host(host, url)

    def check_host(self, host: str, url: str = "") -> None:
        """Raise `Refused` for a host that is not public by its looks."""
        if not self.allow_private and not _looks_public(host):
            raise Refused(f"{host} is not a public address", url=url)

    def permits(self, address: Any) -> bool:
        """Whether a socket may connect to (or send to) this address, as Python's sockets take it: (IP, port, …)."""
        if self.allow_private:
            return True
        if not isinstance(address, tuple) or not address:
            return False  # a path of the machine itself
        return address[:2] == self.exempt or is_public(str(address[0]))

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket of one address (a `getaddrinfo` tuple); raise `PrivateAddress` if it must not be."""
        family, kind, proto, _, address = info
        if not self.permits(address):
            raise PrivateAddress
        return socket.socket(family=family, type=kind, proto=proto)


def _looks_public(host: str) -> bool:
    host = host.lower().rstrip(".")
    if ":" in host:
        return is_public(host)
    if NUMERIC.fullmatch(host):
        return is_public(host)  # canonical dotted quads only: ip_address knows no other form
    return "." in host and not host.endswith(LOCAL_NAMES)
