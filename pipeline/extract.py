"""A fetched page to an Article: metadata first, then the body, then the odds and ends.

Identity. An article's id is that of its canonical URL: the one the page declares, where that can be believed (see
`pipeline.urls.page_canonical`), else that of the address where the page was found. Two addresses of one page thus give
one article, whatever entry led there, and the id differs from the entry's only if the page or a redirect says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline import ids
from pipeline.access import access
from pipeline.body import Body, read_body
from pipeline.bylines import Signed, printed_dates, signed
from pipeline.controls import all_without_controls, without_controls
from pipeline.dates import Dating, decide, guess_date, print_line
from pipeline.errors import Blocked, NotNews, Unreadable
from pipeline.headline import without_site
from pipeline.html import Tree, parse, strip
from pipeline.known import known_fields
from pipeline.language import language
from pipeline.metadata import Metadata, read_metadata
from pipeline.permissions import Permission, permissions
from pipeline.rules import apply, fields
from pipeline.types import Article, Entry, Fetched, Grade, Known, Source
from pipeline.urls import absolute, canonical_url, page_canonical

SUMMARY = 400  # characters of a first paragraph used as summary
RULED = Known("rule of the source", 0.95)

_CHALLENGE = re.compile(
    r"^(?:just a moment|attention required|access denied|are you (?:a )?(?:robot|human)|verify(?:ing)? you are human|"
    r"please verify|pardon our interruption|ddos.guard|security check|checking your browser|403 forbidden|robot check|"
    r"client challenge|request (?:rejected|blocked))",
    re.I,
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
    title = without_controls(title)
    who = _signed(tree, meta, entry, source)
    body = read_body(apply(tree, rules), title, meta) if mining else Body()
    text = without_controls(body.text)
    if _CHALLENGE.match(title) and len(text) < 1500:
        raise Blocked("the page is a bot challenge")
    if not any(c.isalnum() for c in title):
        raise NotNews("no article on the page: neither headline nor text")
    url = page.url or (meta.canonical if canonical_url(meta.canonical) else "")  # a file may have no other address
    canonical = page_canonical(meta.canonical, url) or (entry.canonical_url if entry else url)
    found = access(text, meta, body.behind)
    if found.grade is Grade.HEADLINE:
        text = ""
    dating = _dating(page, entry, meta, text, canonical)
    if dating.published is None and mining:
        dating = guess_date(tree, page.fetched, printed_dates(tree))
    article = Article(
        id=ids.article_id(canonical),
        url=url,
        canonical_url=canonical,
        source_id=source.id,
        title=title,
        text=text,
        summary=without_controls(_summary(meta, entry, text)) if mining else "",
        grade=found.grade,
        authors=all_without_controls(who.people),
        contributors={role: all_without_controls(names) for role, names in who.others.items()},
        published=dating.published,
        published_how=dating.how,
        published_confidence=dating.confidence,
        published_offset=dating.offset,
        modified=dating.modified,
        modified_offset=dating.modified_offset,
        fetched=page.fetched,
        language=language(meta.languages, text or title, (entry.language if entry else "") or source.language),
        section=without_controls(meta.section),
        keywords=all_without_controls(meta.keywords or (entry.tags if entry else ())),
        image=absolute(meta.image, url),
        wire=who.wire,
        wire_how=who.wire_how,
        credit=without_controls(who.credit),
        paywalled=found.paywalled,
        storage=permission.storage,
        storage_why=permission.why,
        version=ids.version_id(title, text),
    )
    known = dict(known_fields(article, meta, entry, who, dating)) | dict(found.known)
    if text:
        known["text"] = Known(body.how, body.confidence)
    known |= {name: RULED for name, lines in ruled.items() if lines}
    return Parts(replace(article, known=known), permission, without_controls(meta.site))


def _signed(tree: Tree, meta: Metadata, entry: Entry | None, source: Source) -> Signed:
    return signed(tree, meta, entry.authors if entry else (), meta.site or source.name)


def _dating(page: Fetched, entry: Entry | None, meta: Metadata, text: str, canonical: str) -> Dating:
    feed = (entry.published_how or "feed", entry.published) if entry and entry.published else None
    return decide(meta.published, meta.modified, feed=feed, text=text, urls=(page.url, canonical), fetched=page.fetched)


def _summary(meta: Metadata, entry: Entry | None, text: str) -> str:
    said = meta.description or (entry.summary if entry else "")
    if said:
        return said
    first = next((p for p in text.split("\n\n", 2)[:2] if print_line(p)[0] is None), "")
    return first if len(first) <= SUMMARY else first[:SUMMARY].rsplit(" ", 1)[0] + " …"
