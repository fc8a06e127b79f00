"""Topics that a taxonomy states as queries (`query: …`): one language, and one matching, for search and for tagging."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.errors import BadInput, BadQuery
from pipeline.tag import MAX_SPANS, Asks
from pipeline.taxonomy import Entry, Taxonomy
from pipeline.types import Article, Document, Span, Tag
from pipeline.watch import Subscription
from search.ast import Ago, Everything, Near, Node, Phrase, Prefix, Range, Saved, Word, leaves
from search.highlight import places
from search.match import LiveMatcher
from search.parse import parse
from search.sought import scope

FIELDS = ("title", "body", "author", "dateline", "wire", "url", "lang", "site", "grade", "date")  # known by then
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # for what no query here can ask


def topic_queries(taxonomy: Taxonomy) -> Asks | None:
    """What gives an article the topics whose query it matches; None where no topic has one.

    Raise BadInput, naming file, line and entry, for a query that cannot be read or asks what is not known yet when an
    article is tagged.
    """
    asked = {entry.id: (entry, _read(entry)) for entry in taxonomy.entries.values() if entry.query}
    if not asked:
        return None
    matcher = LiveMatcher(Subscription(id, entry.query, id=id) for id, (entry, _) in asked.items())

    def asks(article: Article) -> list[Tag]:
        found = matcher.match([_document(article)], _NEVER)
        return [_tag(*asked[id], article) for id in sorted(found)]

    return asks


def _read(entry: Entry) -> Node:
    try:
        node = parse(entry.query)
    except BadQuery as error:
        raise BadInput(f"{entry.where} ({entry.id}): query: {error}") from error
    for leaf in leaves(node):
        field = _field(leaf)
        if field and field not in FIELDS:
            right = f"a topic's query may use words, {', '.join(FIELDS)}"
            raise BadInput(
                f"{entry.where} ({entry.id}): query: {field}: is not known when articles are tagged; {right}"
            )
        if isinstance(leaf, Range) and (isinstance(leaf.since, Ago) or isinstance(leaf.until, Ago)):
            raise BadInput(f"{entry.where} ({entry.id}): query: {field}: needs dates, for a tag stays; not a time ago")
    return node


def _field(leaf: Node) -> str:
    match leaf:
        case Word() | Phrase() | Prefix() | Near():
            return scope(leaf)[0]
        case Saved():
            return "search"
        case Everything():
            return ""
    return str(getattr(leaf, "field", ""))


def _tag(entry: Entry, node: Node, article: Article) -> Tag:
    """With the places of the query's words; once, where it has none."""
    in_title, in_text = places(node, article.title, article.text or article.summary, article.language)
    spans = [Span(*span, in_title=True) for span in in_title] + [Span(*span) for span in in_text]
    return Tag(entry.id, entry.name, max(1, len(spans)), bool(in_title), tuple(spans[:MAX_SPANS]))


def _document(article: Article) -> Document:
    """What is known of an article before it is filed."""
    return Document(
        article_id=article.id,
        story_id="",
        title=article.title,
        text=article.text,
        summary=article.summary,
        url=article.url,
        source_id=article.source_id,
        outlet="",
        country="",
        language=article.language,
        authors=article.authors,
        wire=article.wire,
        topics=(),
        entities=(),
        published=article.published,
        first_seen=article.first_seen or _NEVER,
        relevance=0.0,
        grade=article.grade,
        dateline=article.dateline_places,
    )
