"""What a page says about itself: JSON-LD, meta elements, headings, time elements. Claims only; others judge.

Written instead of trafilatura's metadata step, which costs as much as the body does and keeps less (no zone, no
agency, one author string).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.headline import Heading, headline, read_heading
from pipeline.html import Tree, words
from pipeline.jsonld import MAX_CLAIM, Node, article_node, body_of, name_of, plain, signatures, text_of, types_of

MAX_HEADINGS = 12  # h1 and h2 looked at; the headline is among the first
MAX_STATE = 500_000  # characters of a script searched for a date
_ROLES = (("editor", "editing"), ("translator", "translation"))
_STATE_DATE = re.compile(
    r"""\\?["'](?:datePublished|date_?published|published(?:At|_at|Date|_date|Time|On)?|publish(?:Date|_date|Time)|"""
    r"""firstPublished(?:At)?|first_published_at|publication_?[dD]ate|pubDate)\\?["']\s*:\s*"""
    r"""(?:\\?["']([^"'\\]{8,40})|(\d{13}|\d{10})\b)"""
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
    authors: tuple[tuple[str, str], ...] = ()  # where: "json-ld", then "meta"
    organizations: tuple[str, ...] = ()  # authors JSON-LD declares to be no people
    providers: tuple[str, ...] = ()  # sourceOrganization and provider
    contributors: tuple[tuple[str, str], ...] = ()  # (role, name) JSON-LD declares
    title_how: str = ""
    title_confidence: float = 0.0
    section_how: str = ""
    published: tuple[tuple[str, str], ...] = ()  # where: "json-ld", "meta", "time element", "page state"
    modified: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    section: str = ""
    keywords: tuple[str, ...] = ()
    image: str = ""
    free: bool | None = None  # isAccessibleForFree
    word_count: int = 0  # declared, 0 when not
    body: str = ""  # JSON-LD articleBody as plain text, paragraphs lost or not as the outlet likes
    live: bool = False  # declared to be a live blog
    gallery: bool = False  # declared to be a series of pictures
    state: tuple[str, ...] = field(default=(), repr=False)  # scripts that are no JSON-LD, for `pipeline.state`
    news: bool = False  # declared to be an article
    copyright: str = ""
    metas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lower-case name -> contents


def read_metadata(tree: Tree) -> Metadata:
    """Claims of a page, from the tree with its scripts still in it. Never raises on odd markup."""
    metas: dict[str, tuple[str, ...]] = {}
    headings: list[Heading] = []
    state: list[str] = []
    scripts: list[str] = []
    times: list[tuple[str, str]] = []
    canonical = heading = ""
    for element in tree.iter("meta", "link", "title", "h1", "h2", "time", "script"):
        tag = element.tag
        if tag == "meta":
            name = (element.get("property") or element.get("name") or element.get("itemprop")
                    or element.get("http-equiv") or "").strip().lower()  # fmt: skip
            content = (element.get("content") or "")[:MAX_CLAIM].strip()
            if name and content:
                metas[name] = (*metas.get(name, ()), content)[:60]
        elif tag == "script":
            if element.text:
                (scripts if "ld+json" in (element.get("type") or "").lower() else state).append(element.text)
        elif tag == "link":
            if not canonical and "canonical" in (element.get("rel") or "").lower().split():
                canonical = (element.get("href") or "").strip()
        elif tag == "title":
            heading = heading or words(element.itertext())[:MAX_CLAIM]
        elif tag != "time":
            if len(headings) < MAX_HEADINGS:
                headings.append(read_heading(element))
        elif len(times) < 8 and (stamp := (element.get("datetime") or words(element.itertext())).strip()):
            times.append((_time_class(element), stamp))
    return _assemble(tree, metas, scripts, state, headings, times, canonical, heading)


def _assemble(
    tree: Tree,
    metas: dict[str, tuple[str, ...]],
    scripts: Sequence[str],
    state: Sequence[str],
    headings: Sequence[Heading],
    times: Sequence[tuple[str, str]],
    canonical: str,
    heading: str,
) -> Metadata:
    def meta(*names: str) -> str:
        return next((plain(metas[n][0]) for n in names if n in metas), "")

    og_title = meta("og:title", "twitter:title", "sailthru.title", "title", "dc.title")
    node, ids = article_node(scripts, [og_title, heading, *(h.text for h in headings if h.level == 1)])
    publisher = name_of(node.get("publisher"))
    site = meta("og:site_name", "application-name") or publisher
    address = canonical or meta("og:url")
    declared = (
        ("json-ld", text_of(node.get("headline"))),
        ("meta", og_title),
        ("title element", heading),
    )
    title = headline(headings, declared, [s for s in (site, publisher, _host_name(address)) if s])
    persons, organizations = signatures(node.get("author") or node.get("creator"), ids)
    authors = [("json-ld", name) for name in persons]
    authors += [("meta", plain(c)) for n in _AUTHORS for c in metas.get(n, ()) if "://" not in c and c[:1] != "@"]
    section = text_of(node.get("articleSection"))
    filed = meta("article:section", "section", "parsely-section", "category")
    image = node.get("image") or node.get("thumbnailUrl")
    return Metadata(
        title=title.text,
        title_how=title.how,
        title_confidence=title.confidence,
        description=meta("og:description", "description", "twitter:description") or text_of(node.get("description")),
        canonical=address,
        site=site,
        authors=tuple(authors),
        organizations=tuple(organizations),
        providers=tuple(n for key in ("sourceOrganization", "provider") if (n := name_of(node.get(key)))),
        contributors=tuple((role, name) for key, role in _ROLES for name in signatures(node.get(key), ids)[0]),
        published=_dates(node, ("datePublished", "dateCreated", "uploadDate"), metas, _PUBLISHED, times, "published")
        or _in_state(state),
        modified=_dates(node, ("dateModified",), metas, _MODIFIED, times, "modified"),
        languages=_languages(tree, metas, node),
        section=section or filed,
        section_how="json-ld" if section else "meta" if filed else "",
        keywords=_keywords(node, metas),
        image=_image(image) or meta("og:image", "og:image:url", "twitter:image", "twitter:image:src"),
        free=_flag(node.get("isAccessibleForFree")),
        word_count=_count(node.get("wordCount")),
        body=body_of(node),
        live=any("LiveBlog" in kind for kind in types_of(node)),
        gallery=any("Gallery" in kind for kind in types_of(node)),
        state=tuple(state),
        news=bool(node) or meta("og:type").lower() == "article",
        copyright=meta("copyright", "dc.rights", "dcterms.rights") or name_of(node.get("copyrightHolder")),
        metas=metas,
    )


def _host_name(url: str) -> str:
    """ "halvaherald" of "https://www.halvaherald.example/a": how an outlet that names itself nowhere is called."""
    labels = url.partition("://")[2].partition("/")[0].split(".")
    return max(labels[:-1], key=len, default="")


def _in_state(scripts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """A date in the state a page hands to its own script; only for pages that state none elsewhere."""
    found = (_STATE_DATE.search(text[:MAX_STATE]) for text in scripts)
    return tuple(("page state", m[1] or m[2]) for m in found if m)[:3]


def _time_class(element: Tree) -> str:
    parent = element.getparent()
    marks = " ".join(
        e.get(a) or "" for e in (element, parent) if e is not None for a in ("class", "itemprop", "id", "pubdate")
    ).lower()
    return "modified" if any(w in marks for w in ("modif", "updat", "aktualis")) else "published"


def _dates(
    node: Node,
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


def _languages(tree: Tree, metas: dict[str, tuple[str, ...]], node: Node) -> tuple[str, ...]:
    root = tree.getroottree().getroot()
    found = [root.get("lang") or root.get("xml:lang") or "", name_of(node.get("inLanguage"))]
    found += [metas[n][0] for n in ("og:locale", "content-language", "language", "dc.language") if n in metas]
    return tuple(f for f in found if f)


def _keywords(node: Node, metas: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    value = node.get("keywords") or ()
    raw = [t for v in (value if isinstance(value, list) else [value]) if (t := text_of(v))]
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
