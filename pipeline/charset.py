"""Bytes of a page to text: BOM, UTF-8, what is declared, then the language, then a guess.

A declaration is believed unless the text shows that it cannot be true: "ISO-8859-1" stands on pages of every language.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from pipeline.language import guess, normal

GUESS_SAMPLE = 10_000  # bytes shown to charset_normalizer: its time grows with them
MAX_SAMPLE = 200_000  # bytes counted

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{2,40})""", re.I)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.I)
_LANG = re.compile(rb"""<html[^>]{0,400}?\slang\s*=\s*["']?([A-Za-z]{2,3})""", re.I)
_MARKED = re.compile(rb"<[^<>]{0,500}>")
_HIGH = bytes(range(128, 256))
_WINDOWS = re.compile(rb"[\x80-\x9f]")  # letters and quotes there, controls in the ISO tables
_FOREIGN = re.compile(rb"[\x80-\xff]{4,}")  # no language written in Windows-1252 has four such letters in a row
# Python's, but no charsets of the web: ways of writing host names and source code, and a charset that hides markup.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "undefined",
                          "raw_unicode_escape", "utf-7", "mbcs", "oem"})  # fmt: skip
# What browsers do (WHATWG encoding standard): these labels mean the Windows or extended table.
_BROWSERS_MEAN = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
# Languages whose old pages are in one family of single bytes, which no guess tells from the next one.
_FAMILIES = {
    code: family
    for family, codes in {
        "cp1252": "en de fr es pt it nl sv no da fi is ga ca gl eu af sq lb id ms sw",
        "cp1250": "pl cs sk hu sl hr bs ro",
        "cp1254": "tr az",
    }.items()
    for code in codes.split()
}
_EUROPEAN = re.compile(
    r"cp125[02478]|latin_1|iso8859_(?:1|2|3|4|9|10|13|14|15|16)$|mac_|cp(?:437|775|85\d|86[0135]|500|037|1140)|hp_"
)


def codec(label: str) -> str:
    """The Python codec a charset label stands for, as browsers read it; "" when there is none."""
    try:
        name = codecs.lookup(label.strip()).name
        "".encode(name)  # refuses bytes-to-bytes codecs such as "hex"
    except (LookupError, TypeError, ValueError):
        return ""
    return "" if name in _NO_CHARSETS else _BROWSERS_MEAN.get(name, name)


def decode(body: bytes, content_type: str = "") -> str:
    """Text of an HTML answer. Order: BOM, valid UTF-8, header, meta, the page's language, a guess, Windows-1252.

    Valid UTF-8 beats what a header claims: text in another encoding is next to never valid UTF-8 by chance.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    head = body[:4096]
    if head.count(b"\0") > len(head) // 4:
        return body.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    claims = _claims(head, content_type)
    if b"\x1b$" in body and ("iso2022_jp" in claims or body.isascii()):  # seven-bit, so it passes for UTF-8
        return body.decode("iso2022_jp", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    said = _LANG.search(head)
    tongue = normal(said[1].decode()) if said else ""
    for name in claims:
        if name == "cp1252" and not _western(body, tongue):
            continue
        text = body.decode(name, "replace")
        broken = text.count("\ufffd")
        if broken * 5 <= sum(c > "\x7f" for c in text):  # a few broken bytes are forgiven: a page cut short has one
            return text
    return body.decode(_guessed(body, tongue), "replace")


def _western(body: bytes, tongue: str) -> bool:
    """Whether a page that claims Windows-1252 (or ISO-8859-1) can be in it."""
    if _FAMILIES.get(tongue, "cp1252") != "cp1252":
        return False
    sample = body[:MAX_SAMPLE]
    high = len(sample) - len(sample.translate(None, _HIGH))
    return high < 20 or 2 * sum(map(len, _FOREIGN.findall(sample))) < high


def _guessed(body: bytes, tongue: str) -> str:
    """The codec that a page is most likely in, if it does not say."""
    best = from_bytes(body[: GUESS_SAMPLE // 2] + body[-GUESS_SAMPLE // 2 :]).best()
    found = best.encoding if best else ""
    if not found or _EUROPEAN.match(found):
        if tongue not in _FAMILIES:
            tongue, _ = guess(_MARKED.sub(b" ", body[:MAX_SAMPLE]).decode("cp1252", "replace")[-GUESS_SAMPLE:])
        family = _FAMILIES.get(tongue, "")
        if family == "cp1250" and not _WINDOWS.search(body):
            return "iso8859-2"
        if family:
            return family
    return codec(found) or "cp1252"


def _claims(head: bytes, content_type: str) -> list[str]:
    """Codecs the header, the XML declaration and the meta element name, in that order."""
    labels = [m.group(1) for m in [_HEADER_CHARSET.search(content_type)] if m]
    labels += [
        m.group(1).decode("ascii", "replace") for m in [_XML_CHARSET.search(head), _META_CHARSET.search(head)] if m
    ]
    return [name for name in map(codec, labels) if name and name != "utf-16-le" and name != "utf-16"]
