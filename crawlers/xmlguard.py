"""What stands between the net and an XML parser: entity bombs are refused, cut or huge feeds kept as far as whole."""

from __future__ import annotations

import re

from crawlers.entries import MAX_BODY, READ_BODY
from pipeline.errors import Refused

_ENTITY = re.compile(rb"<!ENTITY\s+(%\s+)?([^\s>]+)\s+(?:\"([^\"]*)\"|'([^']*)'|(SYSTEM|PUBLIC))?")
_NESTED = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;)[A-Za-z_]|%[A-Za-z_]")
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(rss|RDF|feed)[\s>]")
_LONGEST = 200  # bytes of an entity's text; HTML's own need ten
_ENDS = {
    b"rss": (b"</item>", b"</channel></rss>"),
    b"feed": (b"</entry>", b"</feed>"),
    b"RDF": (b"</item>", b"</rdf:RDF>"),
}


def local_name(tag: str) -> str:
    """An element's name without its namespace. lxml's QName does the same, but raises for names such as ":"."""
    return tag.rpartition("}")[2]


def refuse_bombs(body: bytes, url: str = "") -> None:
    """Raise Refused when the document declares entities that could swell: nested, long or very many."""
    if b"\0" in body[:64]:  # UTF-16 or UTF-32: look at the declarations without their zero bytes
        body = body[: 1 << 20].replace(b"\0", b"")
    if b"<!ENTITY" not in body:
        return
    for count, found in enumerate(_ENTITY.finditer(body)):
        text = found[3] or found[4] or b""
        if len(text) > _LONGEST or _NESTED.search(text) or found[1] or count > 300:
            raise Refused("an entity bomb: it declares entities that swell when they are read", url=url)


def whole(body: bytes, url: str = "", limit: int = READ_BODY) -> tuple[bytes, str]:
    """(body, "") as it is, or up to its last whole entry, its end put right, and a warning that says so.

    Of a body over `limit` bytes only the entries within it are kept.

    Raises Refused for a body over MAX_BODY.
    """
    if len(body) > MAX_BODY:
        raise Refused(f"too large: {len(body) >> 20} MB, the limit is {MAX_BODY >> 20} MB", url=url)
    large = len(body) > limit
    root = _ROOT.search(body[:4096])
    if root is None and large:
        raise Refused(f"too large: {len(body) >> 20} MB in which no entries can be told apart", url=url)
    if root is None or (not large and b"</" + root[0][1:-1] in body[-1024:]):
        return body, ""
    end, close = _ENDS[root[1]]
    at = body.rfind(end, 0, limit)
    if at < 0:
        return body[:limit], "cut short" if large else ""
    kept = body[: at + len(end)] + close
    return (
        kept,
        f"only the first {at >> 20} MB of {len(body) >> 20} MB read"
        if large
        else "cut short: the whole entries were kept",
    )
