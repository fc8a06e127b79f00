"""A story seen through its copies: one copy's text, where the story comes from, and what each outlet did to it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline.people import Person, Role
from pipeline.telling import REASONS
from pipeline.types import Storage
from records.values import StoryView
from search.ast import Is
from search.format import format_query
from web.access import Asking
from web.answers import Looked
from web.copies import SORTS, compared, filed, is_headline, listed, timeline, tree
from web.export import ENDINGS, MEDIA_TYPES, Format, export
from web.labelling import label_of
from web.lookup import Carrier, Traced
from web.parts import Parts, Wired
from web.problems import NotThere
from web.render import HEADERS, go_to, page
from web.rows import Run

Id = Annotated[str, Path(max_length=200)]
FIELDS = {  # of an article, as "how each field is known" calls them
    "title": "Headline", "text": "Text", "summary": "Summary", "authors": "Byline", "contributors": "Contributors",
    "published": "Date line", "wire": "Agency", "credit": "Credit", "dateline": "Dateline", "language": "Language",
    "section": "Section", "keywords": "Keywords", "image": "Picture", "notices": "Notices", "paywalled": "Paywall",
    "modified": "Last changed",
}  # fmt: skip
ROLES = {"photo": "Photographs", "editing": "Editing", "translation": "Translation"}
KEPT = {
    Storage.SUMMARY: "This outlet lets us keep no more than headline and summary.",
    Storage.HEADLINE: "This outlet lets us keep no more than the headline.",
}
KNOWN_BY = {"json-ld": "data in the page", "meta": "data in the page", "standing line": "standing line of the outlet"}
BESIDE = 12  # other stories on the event


class Show(StrEnum):
    """How the copies are shown."""

    TREE = "tree"
    LIST = "list"


class Citation(StrEnum):
    """What a citation is written in."""

    RIS = "ris"
    BIBTEX = "bibtex"


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/stories/{story_id}")
    def story(
        parts: Wired,
        request: Request,
        asking: Asking,
        story_id: Id,
        article: Annotated[str, Query(max_length=4096)] = "",
        show: Show = Show.TREE,
        sort: Annotated[str, Query(max_length=20)] = "time",
        find: Annotated[str, Query(max_length=200)] = "",
        at: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        said: Annotated[int, Query(ge=0, le=2**53)] = 0,
    ) -> Response:
        stories = parts.records.stories([story_id])
        if not stories:
            raise NotThere(f"there is no story {story_id!r}")
        if stories[0].id != story_id:
            return go_to(f"/stories/{stories[0].id}", article=article)
        state = {"show": str(show), "sort": sort if sort in SORTS else "time", "find": find, "at": at}
        return shown(parts, request, asking, stories[0], article, state=state, said=said)

    @made.get("/stories/{story_id}/citation")
    def citation(
        parts: Wired,
        story_id: Id,
        format: Citation = Citation.RIS,
        article: Annotated[str, Query(max_length=4096)] = "",
        every: bool = False,
    ) -> Response:
        """The chosen copy (the earliest, where none is), or `every` copy."""
        stories = parts.records.stories([story_id])
        if not stories:
            raise NotThere(f"there is no story {story_id!r}")
        [one] = stories
        ids = [copy.article_id for copy in one.copies]
        chosen = ids if every else [article if article in ids else ids[0]]
        found = (Looked(one, (told.article_id,), told, 0.0) for told in parts.records.documents(chosen))
        kind = Format(format)
        name = f'attachment; filename="wirewatch-{one.id}.{ENDINGS[kind]}"'
        body = "".join(export(found, kind, parts.clock()))
        headers = dict(HEADERS) | {"content-disposition": name}
        return Response(body.encode("utf-8", "replace"), headers=headers, media_type=MEDIA_TYPES[kind])

    @made.get("/articles")
    def of_address(parts: Wired, url: Annotated[str, Query(max_length=4096)]) -> Response:
        return _to_story(parts, url)

    @made.get("/articles/{article_id}")
    def of_id(parts: Wired, article_id: Id) -> Response:
        return _to_story(parts, article_id)

    return made


def _to_story(parts: Parts, what: str) -> Response:
    view = parts.records.article(what)
    if view is None:
        raise NotThere(f"there is no article {what!r}")
    return go_to(f"/stories/{view.story_id}", article=view.article.id)


def shown(
    parts: Parts,
    request: Request,
    asking: Person,
    story: StoryView,
    article: str = "",
    *,
    state: dict[str, Any] | None = None,
    said: int = 0,
    wrong: str = "",
    given: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page; `wrong` is what was wrong with what was said of two copies, and `given` what was said."""
    state = state or {"show": "tree", "sort": "time", "find": "", "at": 1}
    found = parts.tracer.trace(parts.records, story.id)
    chosen = _chosen(parts, found, article)
    carrier = next(one for one in found.carriers if one.derived.article_id == chosen)
    outlets = {one.derived.article_id: one.derived.outlet for one in found.carriers}
    nodes, more = tree(found, chosen) if state["show"] == "tree" else ((), 0)
    page_of = listed(found, state["sort"], state["find"], state["at"]) if state["show"] == "list" else None
    one = carrier.view.article
    values = {
        "story": story,
        "found": found,
        "one": one,
        "carrier": carrier,
        "state": state,
        "outlets": outlets,
        "count": len({one.view.article.source_id for one in found.carriers}),
        "reading": reading(one.text or one.summary, carrier),
        "kept": KEPT.get(one.storage, "") if not one.text else "",
        "nodes": nodes,
        "more": more,
        "listed": page_of,
        "sorts": {name: words for name, (words, _) in SORTS.items()},
        "timeline": timeline(found),
        "filed": lambda carrier: filed(carrier, outlets),
        "compared": lambda carrier: compared(found, carrier),
        "is_headline": is_headline,
        "fullest": _fullest(found),
        "fields": FIELDS,
        "known_by": lambda how: KNOWN_BY.get(how, how.replace(":", ", ")),
        "roles": ROLES,
        "topics": [(tag, _query("topic", tag.id.removeprefix("topic:"))) for tag in carrier.view.tagging.topics],
        "entities": [(tag, _query("entity", tag.id)) for tag in carrier.view.tagging.entities],
        "wire_query": _query("wire", one.wire) if one.wire else "",
        "beside": found.beside[:BESIDE],
        "told_of": _told_of(parts, chosen),
        "subscriptions": [one.name for one in parts.records.subscriptions()],
        "reasons": REASONS,
        "said": label_of(parts.records, said) if said else None,
        "may_say": asking.may(Role.EDITOR),
        "wrong": wrong,
        "given": {"other": carrier.view.like if carrier.view.like in outlets else "", "elsewhere": "", "note": ""}
        | (given or {}),
    }
    return page(request, "story.html", asking, status=400 if wrong else 200, **values)


def _chosen(parts: Parts, found: Traced, article: str) -> str:
    """The id of the copy asked for, or of the earliest whose text is known."""
    ids = {one.derived.article_id for one in found.carriers}
    if article in ids:
        return article
    if article:
        view = parts.records.article(article)  # an address, or an id that it had before its page came
        if view is not None and view.article.id in ids:
            return view.article.id
    with_text = (one.derived.article_id for one in found.carriers if one.view.article.text)
    return next(with_text, found.carriers[0].derived.article_id)


def _fullest(found: Traced) -> str:
    """The copy that stands for the agency's own text, or ""."""
    return next((one.against for one in found.provenance.copies if one.parent == "agency" and one.against), "")


def _query(field: str, value: str) -> str:
    return format_query(Is(field, value))


def _told_of(parts: Parts, article_id: str) -> list[tuple[str, Any]]:
    """What was told because of the article or its story: the subscription's name, and the alert; newest first."""
    names = {one.id: one.name for one in parts.records.subscriptions()}
    alerts = sorted(parts.records.alerts_of(article_id), key=lambda one: -one.seq)
    return [(names[one.subscription_id], one) for one in alerts if one.subscription_id in names]


def reading(text: str, carrier: Carrier) -> list[list[Run]]:
    """A text's paragraphs, with what no copy before told marked "new"."""
    new = carrier.new
    spans = sorted((find.start, find.end) for find in (*new.sentences, *new.figures, *new.names))
    return list(_paragraphs(text, spans))


def _paragraphs(text: str, spans: list[tuple[int, int]]) -> Iterator[list[Run]]:
    start = 0
    for paragraph in text.split("\n\n"):
        end = start + len(paragraph)
        runs, at = [], start
        for begin, stop in spans:
            begin, stop = max(begin, at), min(stop, end)
            if begin < stop:
                runs += [Run(text[at:begin]), Run(text[begin:stop], "new")]
                at = stop
        runs.append(Run(text[at:end]))
        if paragraph.strip():
            yield [run for run in runs if run.text]
        start = end + 2
