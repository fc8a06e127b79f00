"""The address of a story in the one form by which it is known.

`canonical_url` makes an identity, not an address to fetch: `Entry.url` keeps what the outlet wrote. So that one
story has one identity it treats as the same, and says here why each is safe:

- http and https on their default ports (always written https): no outlet serves two stories that way;
- "www.", "m.", "mobile." and "amp." in front of a registrable name: the desktop, phone and AMP faces of one site;
- a trailing slash, and index.html: servers answer both alike;
- AMP addresses (/amp, ?outputType=amp, the AMP caches) and the story behind them;
- addresses that differ in fragment, credentials, or parameters that only say where the reader came from.

The order of the parameters that stay is kept: some content systems read the first of two. Parsing follows the WHATWG
URL standard as far as http and https go, and answers "" where a browser would find no address.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urljoin

from pipeline.hosts import bare_host, normal_host, registrable
from pipeline.trackers import is_tracker

MAX_LENGTH = 4096  # bytes of a canonical address; longer ones are not stories
_MAX_INPUT = 65536

# An address that needs no parsing: lower-case host, plain path, plain query.
_CLEAN = re.compile(
    r"https?://(?:www\.)?((?!www\.|m\.|mobile\.|amp\.|[\d.]+/)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})"
    r"(/(?:[\w~,:=@!$()*+;-]+(?:\.[\w~,:=@!$()*+;-]+)*/)*(?:[\w~,:=@!$()*+;-]+(?:\.[\w~,:=@!$()*+;-]+)*)?)"
    r"(?:\?([\w~,:=@!$()*+;./?&-]*))?",
    re.ASCII,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_EDGES = "".join(map(chr, range(0x21)))
_BREAKS = str.maketrans("", "", "\t\n\r")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RAW_PATH = re.compile(r"[^A-Za-z0-9\-._~!$&()*+,;=:@/%]|%(?![0-9A-Fa-f]{2})")
_RAW_QUERY = re.compile(r"[^A-Za-z0-9\-._~!$&()*+,;=:@/?%\[\]|]|%(?![0-9A-Fa-f]{2})")
_INDEX = re.compile(r"/index\.html?$", re.IGNORECASE)
_AMP_TAIL = re.compile(r"(?:/amp/?|/amp\.html?|\.amp(?:\.html?)?)$", re.IGNORECASE)
_AMP_HEAD = re.compile(r"^/amp(?=/)", re.IGNORECASE)
_AMPERSAND = re.compile(r"(?:^|&)(?:amp;)+")  # escaped once too often
_MARKS = re.compile(r"amp|/index\.", re.IGNORECASE)  # what may have to come off a path
_STORY = re.compile(r"\d{4}|[^/]+-[^/]+-[^/]+")  # a year, an id, or a headline in the path
_AMP_CACHE = re.compile(r"/(?:[a-z]/)?(s/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+/.*)", re.DOTALL)


class Address(NamedTuple):
    """A parsed http(s) address; `port` is "" when it is the scheme's own."""

    scheme: str
    host: str
    port: str
    path: str
    query: str


def canonical_url(url: str, base: str = "") -> str:
    """Identity of the page at `url` (made absolute with `base`), or "" when that is no http(s) address.

    Never raises. Idempotent. See the module for what counts as the same.
    """
    clean = _CLEAN.fullmatch(url)
    if clean is not None and len(url) < MAX_LENGTH:
        host, path, query = clean.groups()
        if "xn--" not in host and not _MARKS.search(path):
            path = path.rstrip("/") or "/"
            query = _untracked(query) if query else ""
            return f"https://{host}{path}?{query}" if query else f"https://{host}{path}"
    address = parse(url, base)
    if address is None:
        return ""
    made = _identity(address)
    return made if len(made) <= MAX_LENGTH else ""


def page_canonical(html_canonical: str, fetched_url: str) -> str:
    """Canonical URL of a fetched page: what it declares (rel=canonical, og:url) if that can be true, else its own.

    A declaration is believed when it stays on the site and names neither the homepage nor a mere section of it:
    templates that declare the same address on every page would fold all stories into one.
    """
    own = canonical_url(fetched_url)
    said = canonical_url(html_canonical, fetched_url) if html_canonical.strip() else ""
    if not said or said == own or not own:
        return said if said and same_site(said, fetched_url) else own
    path = said.split("/", 3)[3]
    if not path or not same_site(said, own):
        return own
    if "/" not in path and not re.search(r"[\d?-]", path) and own.count("/") > said.count("/"):
        return own
    return said


def absolute(url: str, base: str) -> str:
    """`url` as a link on the page at `base` means it; as it stands when the two make no address."""
    try:
        return urljoin(base, url) if url and base else url
    except ValueError:
        return url


def host_of(url: str) -> str:
    """Host of an http(s) address, lower case, in ASCII; "" when there is none."""
    address = parse(url)
    return address.host if address else ""


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one registrable name (`pipeline.hosts.registrable`)."""
    a, b = host_of(one), host_of(other)
    return bool(a) and registrable(a) == registrable(b)


def parse(url: str, base: str = "") -> Address | None:
    """Parts of an address as a browser would read it; None when it is not http(s) or has no valid host."""
    if len(url) > _MAX_INPUT:
        return None
    url = url.strip(_EDGES).translate(_BREAKS)
    scheme_match = _SCHEME.match(url)
    if scheme_match is None:
        origin = parse(base) if base else None
        return _relative(url, origin) if origin else None
    scheme = scheme_match[1].lower()
    if scheme not in ("http", "https"):
        return None
    rest = url[scheme_match.end() :]
    if not rest.startswith("//") and base:
        origin = parse(base)
        if origin and origin.scheme == scheme:
            return _relative(rest, origin)
    return _authority(scheme, rest.lstrip("/\\"))


def _relative(url: str, base: Address) -> Address | None:
    """Resolve a reference without a scheme."""
    path, query = _cut(url)
    if path[:2] == "//":
        return _authority(base.scheme, url.lstrip("/\\"))
    if not path:
        kept = query if "?" in url.split("#", 1)[0] else base.query
        return base._replace(query=kept)
    if not path.startswith("/"):
        path = base.path.rsplit("/", 1)[0] + "/" + path
    return base._replace(path=_normal_path(path), query=query)


def _cut(rest: str) -> tuple[str, str]:
    """(path with backslashes turned, query) of what follows the host; the fragment goes."""
    path, _, query = rest.partition("#")[0].partition("?")
    return path.replace("\\", "/"), query


def _authority(scheme: str, rest: str) -> Address | None:
    """Parse what follows the slashes: [user@]host[:port][/path][?query]."""
    end = re.search(r"[/\\?#]", rest)
    authority, rest = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    authority = authority.rpartition("@")[2]
    host, port = authority, ""
    colon = authority.rfind(":")
    if colon > authority.rfind("]"):
        host, port = authority[:colon], authority[colon + 1 :]
    if port:
        port = port.lstrip("0") or "0"
        if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
            return None
        port = "" if port == ("80" if scheme == "http" else "443") else port
    host = normal_host(host)
    if not host:
        return None
    path, query = _cut(rest)
    return Address(scheme, host, port, _normal_path(path or "/"), query)


def _normal_path(path: str) -> str:
    """Dot segments resolved, percent-encoding in normal form. Empty segments stay: they may mean something."""
    path = _escape(path, _RAW_PATH)
    if "/." not in path:
        return path
    done: list[str] = []
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            if done:
                done.pop()
        elif segment != ".":
            done.append(segment)
            continue
        if last:
            done.append("")
    return "/" + "/".join(done)


def _escape(text: str, raw: re.Pattern[str]) -> str:
    """Normal form: unreserved characters bare, all others escaped in upper-case hex of their UTF-8."""
    if "%" in text:
        text = _ESCAPE.sub(_unescape_one, text)
    return raw.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), text)


def _unescape_one(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _identity(address: Address) -> str:
    """The form by which the page is known."""
    scheme, host, port, path, query = _unwrap(address)
    if not port:
        scheme = "https"
    host = bare_host(host)
    path = _identity_path(path)
    query = _untracked(_escape(query, _RAW_QUERY))
    return f"{scheme}://{host}{':' + port if port else ''}{path}{'?' + query if query else ''}"


def _untracked(query: str) -> str:
    """A query without the parameters that only say where the reader came from, in its order."""
    parts = _AMPERSAND.sub("&", query).split("&")
    return "&".join(part for part in parts if part and not is_tracker(part))


def _identity_path(path: str) -> str:
    """Without trailing slash, index.html and AMP marks, taken off until none is left; too long a path as it is."""
    while len(path) <= MAX_LENGTH:
        shorter = _INDEX.sub("", path.rstrip("/"))
        for mark in (_AMP_TAIL, _AMP_HEAD):
            without = mark.sub("", shorter)
            if _STORY.search(without):
                shorter = without
        shorter = shorter or "/"
        if shorter == path:
            break
        path = shorter
    return path


def _unwrap(address: Address) -> Address:
    """The address behind an AMP cache; others as they are."""
    while address.host.endswith(".cdn.ampproject.org") or (
        address.host in ("www.google.com", "google.com") and address.path.startswith("/amp/")
    ):
        path = address.path.removeprefix("/amp") if "google" in address.host else address.path
        match = _AMP_CACHE.fullmatch(path if path.count("/") > 1 else path + "/")
        if match is None:
            break
        inner = parse(
            ("https://" if match[1] else "http://") + match[2] + ("?" + address.query if address.query else "")
        )
        if inner is None:
            break
        address = inner
    return address
