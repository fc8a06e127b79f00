"""Host names: their ASCII form as browsers make it, and the name a site is registered under."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import idna

_PLAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")
_FACES = ("www.", "m.", "mobile.", "amp.")
# Second-level names under country codes below which names are registered ("co.uk", "com.au", "go.jp").
_SECOND_LEVEL = "ac co com edu gob gov go gouv govt gr in lg mil ne net nhs nic nom or org sch gv ltd plc"
_SECOND = frozenset(_SECOND_LEVEL.split())


@lru_cache(maxsize=4096)
def normal_host(host: str) -> str:
    """Lower-case ASCII form of a host (IPv6 in brackets), or "" when it is not one.

    Follows the WHATWG host parser, but for what no name server knows: empty labels, signs other than "-" and "_".
    """
    if host.startswith("["):
        return _ipv6(host)
    if "%" in host:
        try:
            host = unquote_to_bytes(host).decode("utf-8")
        except UnicodeError:
            return ""
    lowered = host.lower() if host.isascii() else ""
    if not _PLAIN.fullmatch(lowered) or "xn--" in lowered:
        lowered = _to_ascii(host)
    if not _PLAIN.fullmatch(lowered.removesuffix(".")):
        return ""
    labels = lowered.split(".")
    last = labels[-1] or (labels[-2] if len(labels) > 1 else "")
    if last and (last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last)):
        return _ipv4(labels)
    return lowered if len(lowered) <= 253 else ""


def _to_ascii(host: str) -> str:
    """UTS 46, non-transitional; "" when a label cannot be written in ASCII."""
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(_label(label) for label in mapped.split("."))
    except (idna.IDNAError, UnicodeError):
        return ""


def _label(label: str) -> str:
    if label.isascii():
        if label.startswith("xn--") and _label(_unlabel(label[4:])) != label:
            raise UnicodeError("not in normal form")
        return label
    idna.check_nfc(label)
    idna.check_initial_combiner(label)
    idna.check_bidi(label)
    return "xn--" + label.encode("punycode").decode("ascii")


def _unlabel(punycode: str) -> str:
    """The Unicode of an "xn--" label, which must need it and be as the mapping would leave it."""
    label = punycode.encode("ascii").decode("punycode")
    if label.isascii() or idna.uts46_remap(label, std3_rules=False, transitional=False) != label:
        raise UnicodeError("not in normal form")
    return label


def _ipv6(host: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]" if host.endswith("]") and "%" not in host else ""
    except ValueError:
        return ""


def _ipv4(labels: list[str]) -> str:
    """An address of one to four numbers, decimal, octal or hexadecimal, as browsers still take them."""
    if labels[-1] == "":
        labels = labels[:-1]
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        return ""
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        return ""
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return ""
    value = numbers[-1]
    for position, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - position))
    return str(ipaddress.IPv4Address(value))


def _number(label: str) -> int:
    if label[:2] in ("0x", "0X"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if len(label) > 1 and label[0] == "0" else int(label)


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """The name a host is registered under, by rule of thumb: two labels, three below "co.uk" and its like.

    The public suffix list would be exact and 9,000 rules long; what is decided here (may a page speak for another)
    needs no more than that two outlets are not taken for one.
    """
    if host.startswith("[") or host.rsplit(".", 1)[-1].isdigit():
        return host
    labels = host.rstrip(".").split(".")
    if len(labels) >= 3 and len(labels[-1]) == 2 and labels[-2] in _SECOND:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


@lru_cache(maxsize=4096)
def bare_host(host: str) -> str:
    """Without a final dot and without what only names a face of the site ("www.", "m.", "mobile.", "amp.")."""
    host = host.rstrip(".") or host
    name = registrable(host)
    while host != name:
        for face in _FACES:
            if host.startswith(face):
                host = host[len(face) :]
                break
        else:
            return host
    return host
