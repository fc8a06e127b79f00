"""Serves recorded pages and feeds under the host names they came from: shared/data, or a folder with a manifest.

A manifest is `manifest.json`: a list of {"url", "file", and, if wanted, "status", "headers", "gzip"}. `gzip` says that
the file is stored compressed.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from replay import listings
from replay.answers import Answer, Request, content, words
from replay.listings import Head, Item
from replay.server import World

FEED = "/replay-feed.xml"
"""Where the generated feed of a recorded host is."""
FEEDS_HOST = "feeds.feedparser.example"
REFERENCE_URL = "https://www.straitstimes.com/world/united-states/anthropic-has-no-intention-of-easing-restrictions"
REFERENCE_TITLE = "Anthropic has no intention of easing usage restrictions, source says"
WHEN = datetime(2026, 2, 25, 8, 0, tzinfo=UTC)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<link\b[^>]*\brel=[\"']?canonical\b[^>]*>", re.IGNORECASE)
_META = re.compile(r"<meta\b[^>]*\b(?:property|name)=[\"']og:url[\"'][^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:href|content)=[\"']?(https?://[^\"'\s>]+)", re.IGNORECASE)
_HEADER = re.compile(rb"^\s*Header:\s+([A-Za-z-]+):[ \t]*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded answer, read from disk when it is asked for."""

    file: Path
    headers: Mapping[str, str]
    status: int = 200
    zipped: bool = False
    dress: Callable[[str], str] | None = None  # makes a page of a file that holds only text

    def answer(self) -> Answer:
        """The answer as recorded; a body that is stored compressed stays so on the wire."""
        body = self.file.read_bytes()
        if self.dress is not None:
            body = self.dress(body.decode()).encode()
        given = dict(self.headers)
        content_type = given.pop("Content-Type", "text/html")
        made = content(gzip.decompress(body) if self.zipped else body, content_type, compress=False)
        headers = {**made.headers, **given}
        zipped = body if self.zipped else b""
        etag = headers.pop("ETag", made.etag)
        modified = headers.pop("Last-Modified", "")
        return Answer(self.status, made.body, headers, zipped, etag=etag, last_modified=modified)


@dataclass(slots=True)
class RecordedSite:
    """One host's recorded answers by path (with query), and a feed that lists its pages."""

    host: str
    recorded: dict[str, Recorded] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: Request) -> Answer:
        """What was recorded at this address; the feed lists the pages in order of their addresses."""
        if request.path == "/robots.txt" and request.path not in self.recorded:
            return content("User-agent: *\nDisallow:\n", "text/plain")
        if request.target == FEED:
            return content(self._feed(), "application/rss+xml; charset=utf-8")
        found = self.recorded.get(request.target) or self.recorded.get(request.path)
        return found.answer() if found else words(404, "This address was not recorded.")

    def _feed(self) -> str:
        head = Head(self.host, f"https://{self.host}/", f"https://{self.host}{FEED}", "en")
        items = []
        for number, (path, title) in enumerate(sorted(self.titles.items())):
            url, when = f"https://{self.host}{path}", WHEN - timedelta(minutes=number)
            items.append(Item(url, url, title, "", when, when))
        return listings.feed("rss20", head, items)[1]


@dataclass(slots=True)
class RecordedWorld(World):
    """Recorded hosts, with the files behind their addresses."""

    recorded_sites: dict[str, RecordedSite] = field(default_factory=dict)

    def sources(self) -> list[dict[str, object]]:
        """Each host that has pages as the keys of a Wirewatch source with the generated feed."""
        return [
            {
                "id": host.removeprefix("www.").replace(".", "-"),
                "name": host,
                "country": "INT",
                "language": "en",
                "homepage": f"https://{host}/",
                "feeds": [f"https://{host}{FEED}"],
                "terms": "Recorded pages, served on this machine for measuring only.",
            }
            for host, site in sorted(self.recorded_sites.items())
            if site.titles
        ]

    def files(self) -> dict[str, str]:
        """The file name behind every address, for comparing what was read with what is known to be right."""
        return {
            f"https://{host}{path}": recorded.file.name
            for host, site in self.recorded_sites.items()
            for path, recorded in site.recorded.items()
        }


def recorded_world(folder: Path, mirrors: int = 0) -> RecordedWorld:
    """A folder with a manifest.json, or the sets of shared/data with the reference story of shared/seed beside it.

    Each of `mirrors` serves the hosts' pages once more, as HOST.mirrorN.example: a longer run for a bench.

    Raises FileNotFoundError when there is neither, ValueError on a manifest that does not fit.
    """
    sites: dict[str, RecordedSite] = {}
    if (folder / "manifest.json").exists():
        _add_manifest(sites, folder)
    elif (folder / "pages-fundus").is_dir():
        for name in ("extraction-aeb", "extraction-fundus", "pages-fundus"):
            _add_pages(sites, folder / name)
        _add_feeds(sites, folder / "feeds-feedparser" / "tests")
        for file in sorted((folder.parent / "seed").glob("*.txt")):
            page = Recorded(file, {"Content-Type": "text/html; charset=utf-8"}, dress=_reference_page)
            _add(sites, REFERENCE_URL, page, REFERENCE_TITLE)
    else:
        raise FileNotFoundError(f"{folder} has neither manifest.json nor the sets of recorded pages")
    for host, site in list(sites.items()):
        for number in range(1, mirrors + 1) if site.titles else ():
            mirror = f"{host}.mirror{number}.example"
            sites[mirror] = RecordedSite(mirror, site.recorded, site.titles)
    return RecordedWorld({**sites}, recorded_sites=sites)


def _add(sites: dict[str, RecordedSite], url: str, recorded: Recorded, title: str = "") -> None:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    site = sites.setdefault(host, RecordedSite(host))
    if path in site.recorded:  # two recordings of one address: the second gets one of its own
        path += f"{'&' if parts.query else '?'}replay={len(site.recorded)}"
    site.recorded[path] = recorded
    if title:
        site.titles[path] = title


def _add_manifest(sites: dict[str, RecordedSite], folder: Path) -> None:
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        if not isinstance(entry, dict) or not {"url", "file"} <= entry.keys():
            raise ValueError(f"{folder.name}/manifest.json: every entry needs url and file")
        file = folder / entry["file"]
        recorded = Recorded(file, entry.get("headers", {}), int(entry.get("status", 200)), bool(entry.get("gzip")))
        is_page = "html" in recorded.headers.get("Content-Type", "text/html")
        _add(sites, entry["url"], recorded, file.stem if is_page else "")


def _add_pages(sites: dict[str, RecordedSite], folder: Path) -> None:
    known = {}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        known[str(gold["id"]).removesuffix(".html.gz")] = gold
    for file in sorted((folder / "html").iterdir()):
        name = file.name.removesuffix(".html.gz")
        text = gzip.decompress(file.read_bytes()).decode("utf-8", "replace")
        url = known.get(name, {}).get("url") or _own_address(text) or f"https://{_host_of(name)}/{name}.html"
        found = _TITLE.search(text)
        title = html.unescape(" ".join(found[1].split())) if found else name
        _add(sites, url, Recorded(file, {"Content-Type": "text/html; charset=utf-8"}, zipped=True), title or name)


def _own_address(text: str) -> str:
    """The address a page gives itself, as canonical link or og:url; "" when it gives none, or only a front page."""
    for pattern in (_LINK, _META):
        if (tag := pattern.search(text)) and (address := _ADDRESS.search(tag[0])):
            url = html.unescape(address[1])
            if urlsplit(url).path.strip("/"):
                return url
    return ""


def _host_of(name: str) -> str:
    plain = re.sub(r"[^a-z]+", "-", re.sub(r"[\d_]+$", "", name).lower()).strip("-")
    return f"www.{plain}.example"


def _add_feeds(sites: dict[str, RecordedSite], folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        if file.suffix not in {".xml", ".json"}:
            continue
        headers = {"Content-Type": "application/feed+json" if file.suffix == ".json" else "application/xml"}
        for name, value in _HEADER.findall(file.read_bytes()[:4096]):
            told = value.decode("latin-1")
            if told:
                headers[_spelled(name.decode("ascii"))] = told
        path = file.relative_to(folder).as_posix()
        _add(sites, f"https://{FEEDS_HOST}/{path}", Recorded(file, headers))


def _spelled(name: str) -> str:
    return {"content-type": "Content-Type", "etag": "ETag"}.get(name.lower(), name)


def _reference_page(text: str) -> str:
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    body = "\n".join(f"<p>{html.escape(block)}</p>" for block in blocks)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{REFERENCE_TITLE}</title>'
        f'<link rel="canonical" href="{REFERENCE_URL}"><meta property="article:published_time" '
        f'content="{WHEN.isoformat()}"></head><body><header><nav><a href="/">Home</a></nav></header>'
        f"<article><h1>{REFERENCE_TITLE}</h1>\n{body}\n</article><footer>Recorded for measuring.</footer></body></html>"
    )
