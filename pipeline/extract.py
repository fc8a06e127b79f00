"""A fetched page to an Article: metadata first, then the body by trafilatura, then the odds and ends.

Identity. An article's id is that of its canonical URL: the one the page declares, where that can be believed (see
`pipeline.urls.page_canonical`), else that of the address where the page was found. Two addresses of one page thus give
one article, whatever entry led there, and the id differs from the entry's only if the page or a redirect says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.meta import reset_caches as _reset_trafilatura
from trafilatura.settings import Extractor

from pipeline import ids
from pipeline.access import access
from pipeline.agencies import agencies
from pipeline.boilerplate import clean
from pipeline.byline import people
from pipeline.dates import Dating, decide, guess_date, print_line
from pipeline.errors import Blocked, NotNews, Unreadable
from pipeline.html import Tree, parse, strip
from pipeline.known import plain_fields
from pipeline.language import language
from pipeline.metadata import Metadata, page_bylines, read_metadata, without_site
from pipeline.permissions import Permission, permissions
from pipeline.rules import apply, fields
from pipeline.types import Article, Entry, Fetched, Grade, Known, Source
from pipeline.urls import absolute, canonical_url, page_canonical

ENOUGH = 250  # characters of a body that is a body; trafilatura's own minimum
SUMMARY = 400  # characters of a first paragraph used as summary
MAX_TEXT = 300_000  # characters kept of a body: a book, not a story, is longer
MAX_LINES = 5_000
SECOND_LOOK = 500  # shorter results are compared with readability's and justext's

RULED = Known("rule of the source", 0.95)

_CHALLENGE = re.compile(
    r"^(?:just a moment|attention required|access denied|are you (?:a )?(?:robot|human)|verify(?:ing)? you are human|"
    r"please verify|pardon our interruption|ddos.guard|security check|checking your browser|403 forbidden|robot check|"
    r"client challenge|request (?:rejected|blocked))",
    re.I,
)
_STORY_PARAGRAPHS: Any = etree.XPath("//p[not(ancestor::aside or ancestor::nav or ancestor::footer)]")
_MESSY = etree.XPath(
    "boolean(.//aside|.//button|.//figure|.//footer|.//form|.//iframe|.//nav|.//noscript|.//select|.//time)"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What one page gave: the article, what may be kept of it, and what the page calls its outlet."""

    article: Article
    permission: Permission
    site: str


def extract(page: Fetched, entry: Entry | None, source: Source) -> Article:
    """What one outlet says on one page. Pure: the clock is `page.fetched`.

    Grade FULL when the body was found, PARTIAL when it is cut off (paywall, teaser), HEADLINE when there is no text or
    its mining is reserved. Raises NotNews (no HTML, or not even a headline), Blocked (a bot challenge), Unreadable.
    """
    try:
        return read_parts(page, entry, source).article
    except (NotNews, Blocked, Unreadable) as error:
        error.source_id, error.url = error.source_id or source.id, error.url or page.url
        raise


def read_parts(page: Fetched, entry: Entry | None, source: Source, *, whole: bool = False) -> Parts:
    """`extract`, together with what was found on the way (errors are not yet addressed).

    `whole` reads the body even where its mining is reserved: for a page that a person hands over, not for the archive.
    """
    kind = page.headers.get("content-type", "").lower()
    if kind and not any(word in kind for word in ("html", "xml", "text/plain", "octet-stream")):
        raise NotNews(f"no HTML: the answer is {kind.split(';')[0]}")
    tree = parse(page.body, kind)
    meta = read_metadata(tree)
    permission = permissions(page.headers, meta.metas, source)
    mining = permission.mining or whole
    strip(tree)
    rules = source.rules
    ruled = {"title": fields(tree, rules.title)[:1], "authors": fields(tree, rules.authors)}
    if ruled["authors"]:
        meta = replace(meta, authors=tuple(("meta", line) for line in ruled["authors"]))
    title = "".join(ruled["title"]) or without_site(meta.title, source.name) or (entry.title if entry else "")
    names, credit, wire, how = _signed(tree, meta, entry, source)
    text = body_text(apply(tree, rules), title, meta) if mining else ""
    if _CHALLENGE.match(title) and len(text) < 1500:
        raise Blocked("the page is a bot challenge")
    if not any(c.isalnum() for c in title):
        raise NotNews("no article on the page: neither headline nor text")
    url = page.url or (meta.canonical if canonical_url(meta.canonical) else "")  # a file may have no other address
    canonical = page_canonical(meta.canonical, url) or (entry.canonical_url if entry else url)
    found = access(text, meta)
    if found.grade is Grade.HEADLINE:
        text = ""
    dating = _dating(page, entry, meta, text, canonical)
    if dating.published is None and mining:
        dating = guess_date(tree, page.fetched)
    article = Article(
        id=ids.article_id(canonical),
        url=url,
        canonical_url=canonical,
        source_id=source.id,
        title=title,
        text=text,
        summary=_summary(meta, entry, text) if mining else "",
        grade=found.grade,
        authors=names,
        published=dating.published,
        published_how=dating.how,
        published_confidence=dating.confidence,
        modified=dating.modified,
        fetched=page.fetched,
        language=language(meta.languages, text or title, (entry.language if entry else "") or source.language),
        section=meta.section,
        keywords=meta.keywords or (entry.tags if entry else ()),
        image=absolute(meta.image, url),
        wire=wire,
        wire_how=how,
        credit=credit,
        paywalled=found.paywalled,
        storage=permission.storage,
        storage_why=permission.why,
        version=ids.version_id(title, text),
    )
    known = plain_fields(article, meta, entry) | dict(found.known)
    known |= {name: RULED for name, lines in ruled.items() if lines}
    return Parts(replace(article, known=known), permission, meta.site)


def body_text(tree: Tree, title: str = "", meta: Metadata | None = None) -> str:
    """Body of a page without scripts (`pipeline.html.strip`): paragraphs separated by a blank line; "" when none.

    trafilatura's fast mode finds the body on nine pages of ten; its comparison with readability and justext, two
    fifths of its time, is asked only where the result is short, messy or leaves most paragraphs of the page out.
    """
    found = _trafilatura(tree, fast=True)
    if found is None or _doubtful(found, tree):
        found = _trafilatura(tree, fast=False) or found
    lines = found.text[:MAX_TEXT].split("\n", MAX_LINES)[:MAX_LINES] if found is not None and found.text else []
    text = "\n\n".join(clean([" ".join(line.split()) for line in lines if line.strip()], title))
    declared = meta.body if meta else ""
    if len(text) < ENOUGH and len(declared) > max(ENOUGH, 2 * len(text)):
        text = "\n\n".join(clean(declared.split("\n\n"), title))
    return text


def reset_caches() -> None:
    """Empty the caches of the extraction libraries; call every few hundred pages to keep memory flat."""
    _reset_trafilatura()


@cache
def _options(fast: bool) -> Any:
    return Extractor(output_format="python", fast=fast, precision=True, comments=False, with_metadata=False)


def _trafilatura(tree: Tree, fast: bool) -> Any:
    try:
        return bare_extraction(tree, options=_options(fast))
    except (RecursionError, etree.LxmlError, AttributeError, IndexError, AssertionError) as error:
        raise Unreadable(f"the page's markup defeats the extraction: {type(error).__name__}: {error}") from error


def _doubtful(found: Any, tree: Tree) -> bool:
    """Whether trafilatura's fast result deserves its full comparison."""
    length = len(found.text or "")
    if length < SECOND_LOOK or found.body.find(".//p") is None or _MESSY(found.body):
        return True
    return sum(len("".join(p.itertext())) for p in _STORY_PARAGRAPHS(tree)) > 2 * length


def _signed(tree: Tree, meta: Metadata, entry: Entry | None, source: Source) -> tuple[tuple[str, ...], str, str, str]:
    """(people, credit as printed, agency, how it is known), from the page's claims, its byline or the entry."""
    outlet = meta.site or source.name
    names, credit = people((n for _, n in meta.authors), outlet)
    how = "json-ld" if meta.authors and meta.authors[0][0] == "json-ld" else "byline"
    if not names and not credit:
        how = "byline"
        candidates = [[line] for line in page_bylines(tree)] + ([entry.authors] if entry else [])
        found = (people(lines, outlet) for lines in candidates)
        names, credit = next((f for f in found if any(f)), ((), ""))
    if wire := agencies().named(credit):
        return names, credit, wire, how
    wire = next((w for o in meta.organizations if (w := agencies().named(o))), "")
    return names, credit, wire, "json-ld" if wire else ""


def _dating(page: Fetched, entry: Entry | None, meta: Metadata, text: str, canonical: str) -> Dating:
    feed = (entry.published_how or "feed", entry.published) if entry and entry.published else None
    return decide(meta.published, meta.modified, feed=feed, text=text, urls=(page.url, canonical), fetched=page.fetched)


def _summary(meta: Metadata, entry: Entry | None, text: str) -> str:
    said = meta.description or (entry.summary if entry else "")
    if said:
        return said
    first = next((p for p in text.split("\n\n", 2)[:2] if print_line(p)[0] is None), "")
    return first if len(first) <= SUMMARY else first[:SUMMARY].rsplit(" ", 1)[0] + " …"
