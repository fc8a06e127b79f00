"""What a page says about itself: JSON-LD, meta elements, headings, time elements. Claims only; others judge.

Written instead of trafilatura's metadata step, which costs as much as the body does and keeps less (no zone, no
agency, one author string).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipeline.html import Tree, words

MAX_CLAIM = 5_000  # characters of a meta element or heading; headlines and descriptions are far shorter
MAX_JSON = 2_000_000  # characters of one JSON-LD script; those of our data stay under 400,000
_ARTICLE = re.compile(r"Article|Posting$|^Report$|AnalysisNews|OpinionNews|ReviewNews", re.I)
_TAGS = re.compile(r"<[^<>]{0,500}>")
_CDATA = re.compile(r"^\s*(?://)?\s*(?:<!\[CDATA\[|<!--)|(?://)?\s*(?:\]\]>|-->)\s*;?\s*$")
_TAIL_COMMA = re.compile(r",\s*([}\]])")
_TAIL = re.compile(r"\s+(?:[|–—·•»]|::|-)\s+")
_BYLINE: Any = etree.XPath(
    "//*[(@rel='author' or contains(@itemprop,'author') or contains(@class,'byline') or contains(@class,'author-name')"
    " or contains(@class,'authorName') or contains(@class,'article-author') or contains(@class,'article__author')"
    " or contains(@data-testid,'author') or contains(@class,'autor'))"
    " and not(ancestor::aside or ancestor::footer or ancestor::nav)]"
)
_PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "article:published", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "cxenseparse:recs:publishtime", "publishdate",
    "publish-date", "publication_date", "pubdate", "date", "og:article:published_time", "last-published",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "datemodified", "og:updated_time", "last-modified", "dcterms.modified", "lastmod")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
            "cxenseparse:author", "article:author_name", "citation_author", "mrf:authors")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metadata:
    """Claims of one page, in the page's own words. Pairs are (where it was found, what it says)."""

    title: str = ""
    description: str = ""
    canonical: str = ""
    site: str = ""
    authors: tuple[tuple[str, str], ...] = ()  # where: "json-ld" or "meta"
    organizations: tuple[str, ...] = ()  # authors and sources JSON-LD declares to be no people
    published: tuple[tuple[str, str], ...] = ()  # where: "json-ld", "meta", "time element"
    modified: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    section: str = ""
    keywords: tuple[str, ...] = ()
    image: str = ""
    free: bool | None = None  # isAccessibleForFree
    word_count: int = 0  # declared, 0 when not
    body: str = ""  # JSON-LD articleBody as plain text, paragraphs lost or not as the outlet likes
    news: bool = False  # declared to be an article
    copyright: str = ""
    metas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lower-case name -> contents


def read_metadata(tree: Tree) -> Metadata:
    """Claims of a page, from the tree with its scripts still in it. Never raises on odd markup."""
    metas: dict[str, tuple[str, ...]] = {}
    h1s: list[str] = []
    scripts: list[str] = []
    times: list[tuple[str, str]] = []
    canonical = heading = ""
    for element in tree.iter("meta", "link", "title", "h1", "time", "script"):
        tag = element.tag
        if tag == "meta":
            name = (element.get("property") or element.get("name") or element.get("itemprop")
                    or element.get("http-equiv") or "").strip().lower()  # fmt: skip
            content = (element.get("content") or "")[:MAX_CLAIM].strip()
            if name and content:
                metas[name] = (*metas.get(name, ()), content)[:60]
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower() and element.text:
                scripts.append(element.text)
        elif tag == "link":
            if not canonical and "canonical" in (element.get("rel") or "").lower().split():
                canonical = (element.get("href") or "").strip()
        elif tag == "title":
            heading = heading or words(element.itertext())[:MAX_CLAIM]
        elif tag == "h1":
            if len(h1s) < 8:
                h1s.append(words(element.itertext())[:MAX_CLAIM])
        elif len(times) < 8 and (stamp := (element.get("datetime") or "").strip()):
            times.append((_time_class(element), stamp))
    return _assemble(tree, metas, scripts, [h for h in h1s if h], times, canonical, heading)


def page_bylines(tree: Tree) -> list[str]:
    """Lines in which the page prints its authors, by the usual class names; for pages that declare nobody."""
    return [line for e in _BYLINE(tree)[:5] if 2 < len(line := words(e.itertext())) < 160]


def _assemble(
    tree: Tree,
    metas: dict[str, tuple[str, ...]],
    scripts: Sequence[str],
    h1s: Sequence[str],
    times: Sequence[tuple[str, str]],
    canonical: str,
    heading: str,
) -> Metadata:
    def meta(*names: str) -> str:
        return next((plain(metas[n][0]) for n in names if n in metas), "")

    og_title = meta("og:title", "twitter:title", "sailthru.title", "title", "dc.title")
    node, people = _article_node(scripts, [og_title, heading, *h1s])
    site = meta("og:site_name", "application-name") or _name(node.get("publisher"))
    persons, organizations = _authors(node, people)
    authors = [("json-ld", name) for name in persons] or [
        ("meta", plain(c)) for n in _AUTHORS for c in metas.get(n, ()) if "://" not in c and c[:1] != "@"
    ]
    image = node.get("image") or node.get("thumbnailUrl")
    return Metadata(
        title=headline(h1s, _text(node.get("headline")), og_title, heading, site),
        description=meta("og:description", "description", "twitter:description") or _text(node.get("description")),
        canonical=canonical or meta("og:url"),
        site=site,
        authors=tuple(authors),
        organizations=tuple(organizations),
        published=_dates(node, ("datePublished", "dateCreated", "uploadDate"), metas, _PUBLISHED, times, "published"),
        modified=_dates(node, ("dateModified",), metas, _MODIFIED, times, "modified"),
        languages=_languages(tree, metas, node),
        section=_first(node.get("articleSection")) or meta("article:section", "section", "parsely-section", "category"),
        keywords=_keywords(node, metas),
        image=_image(image) or meta("og:image", "og:image:url", "twitter:image", "twitter:image:src"),
        free=_flag(node.get("isAccessibleForFree")),
        word_count=_count(node.get("wordCount")),
        body=_text(node.get("articleBody"), keep_lines=True),
        news=bool(node) or meta("og:type").lower() == "article",
        copyright=meta("copyright", "dc.rights", "dcterms.rights") or _name(node.get("copyrightHolder")),
        metas=metas,
    )


def headline(h1s: Sequence[str], declared: str, og: str, title: str, site: str) -> str:
    """The headline as printed: the h1 that agrees with what the page declares, else what it declares."""
    candidates = (declared, without_site(og, site), without_site(title, site))
    declared = next((c for c in candidates if any(x.isalnum() for x in c)), "")
    same = [h for h in h1s if _alike(h, declared) or (og and _alike(h, without_site(og, site)))]
    if same:
        return max(same, key=lambda h: _overlap(h, declared))
    if declared and (len(h1s) != 1 or _overlap(h1s[0], declared) < 0.5):
        return declared
    return h1s[0] if h1s else declared


def without_site(title: str, site: str) -> str:
    """`title` without its " | Outlet" tail (or head), when the tail looks like the outlet's name."""
    parts = _TAIL.split(title)
    while len(parts) > 1 and _is_site(parts[-1], site):
        title = title[: title.rstrip().rfind(parts[-1])].rstrip().rstrip("|–—·•»:-").rstrip()
        parts.pop()
    if len(parts) > 1 and site and _key(parts[0]) == _key(site):
        title = title[title.find(parts[1]) :]
    head, colon, rest = title.partition(": ")
    return rest.strip() if colon and rest.strip() and site and _key(head) == _key(site) else title


def plain(value: str) -> str:
    """One line of plain text: entities read (twice: CMSs escape twice), tags dropped."""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return words([_TAGS.sub("", value) if "<" in value else value])


def _is_site(tail: str, site: str) -> bool:
    key, home = _key(tail), _key(site)
    if not key:
        return True
    if home:
        return key in home or home in key
    return False


def _key(value: str) -> str:
    return "".join(c for c in value.lower() if c.isalnum())


def _tokens(value: str) -> set[str]:
    return set(re.findall(r"\w+", value.lower()))


def _overlap(a: str, b: str) -> float:
    x, y = _tokens(a), _tokens(b)
    return len(x & y) / max(1, len(x | y))


def _alike(a: str, b: str) -> bool:
    return bool(a and b) and (_key(a) == _key(b) or _overlap(a, b) >= 0.8)


def _article_node(scripts: Sequence[str], titles: Sequence[str]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The JSON-LD node of this page's article and all nodes with an @id; of several, that with the page's title."""
    nodes = [n for s in scripts for n in _walk(_json(s), 0)]
    ids = {str(n["@id"]): n for n in nodes if "@id" in n and len(n) > 1}
    found = [n for n in nodes if any(_ARTICLE.search(t) for t in _types(n))]
    keys = [_key(t) for t in titles if t]
    for node in found:
        key = _key(_text(node.get("headline")))
        if key and any(key in k or k in key for k in keys):
            return node, ids
    return (found[0] if found else {}), ids


def _json(text: str) -> Any:
    if len(text) > MAX_JSON:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_TAIL_COMMA.sub(r"\1", _CDATA.sub("", text)), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Nodes of a JSON-LD document, outer before inner; lists of other stories are not entered."""
    if isinstance(value, list) and depth < 8:
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict) and depth < 8:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(key), depth + 1)


def _types(node: dict[str, Any]) -> list[str]:
    value = node.get("@type")
    return [str(v) for v in (value if isinstance(value, list) else [value]) if v]


def _text(value: Any, keep_lines: bool = False) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str):
        return ""
    if keep_lines:
        return "\n\n".join(line for part in re.split(r"\s*\n\s*", value) if (line := plain(part)))
    return plain(value[:MAX_CLAIM])


def _first(value: Any) -> str:
    return _text(value)


def _name(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _authors(node: dict[str, Any], ids: dict[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Names JSON-LD gives as authors, and those it says are organisations (with the source organisation)."""
    persons: list[str] = []
    organizations: list[str] = []
    value = node.get("author") or node.get("creator") or ()
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = ids.get(str(item.get("@id")), item) if "name" not in item else item
            names = item.get("name")
            group = organizations if any("rganization" in t for t in _types(item)) else persons
            group += [t for n in (names if isinstance(names, list) else [names]) if (t := _text(n))]
        elif text := _text(item):
            persons.append(text)
    organizations += [n for key in ("sourceOrganization", "provider") if (n := _name(node.get(key)))]
    return persons, organizations


def _time_class(element: Tree) -> str:
    parent = element.getparent()
    marks = " ".join(
        e.get(a) or "" for e in (element, parent) if e is not None for a in ("class", "itemprop", "id", "pubdate")
    ).lower()
    return "modified" if any(w in marks for w in ("modif", "updat", "aktualis")) else "published"


def _dates(
    node: dict[str, Any],
    keys: Sequence[str],
    metas: dict[str, tuple[str, ...]],
    names: Sequence[str],
    times: Sequence[tuple[str, str]],
    kind: str,
) -> tuple[tuple[str, str], ...]:
    claims = [("json-ld", str(node[k])) for k in keys if isinstance(node.get(k), str | int)]
    claims += [("meta", metas[n][0]) for n in names if n in metas]
    claims += [("time element", stamp) for what, stamp in times if what == kind]
    return tuple((how, value) for how, value in claims if 4 <= len(value) <= 60)


def _languages(tree: Tree, metas: dict[str, tuple[str, ...]], node: dict[str, Any]) -> tuple[str, ...]:
    root = tree.getroottree().getroot()
    found = [root.get("lang") or root.get("xml:lang") or "", _name(node.get("inLanguage"))]
    found += [metas[n][0] for n in ("og:locale", "content-language", "language", "dc.language") if n in metas]
    return tuple(f for f in found if f)


def _keywords(node: dict[str, Any], metas: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    value = node.get("keywords") or ()
    raw = [t for v in (value if isinstance(value, list) else [value]) if (t := _text(v))]
    raw = raw or [*metas.get("article:tag", ()), *metas.get("news_keywords", ())] or [*metas.get("keywords", ())]
    split = (k.strip() for r in raw for k in re.split(r"[,;]", plain(r)))
    return tuple(dict.fromkeys(k for k in split if 1 < len(k) < 60 and ":" not in k))[:20]


def _image(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id") or ""
        return _image(value) if isinstance(value, list) else str(value)
    return value.strip() if isinstance(value, str) else ""


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).strip().lower())


def _count(value: Any) -> int:
    text = str(value) if isinstance(value, str | int) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
