"""What an article that was just written brings to a story that was told of: new information, or a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.notices import is_correction
from pipeline.novelty import New, Novelty, Told
from pipeline.types import Article
from pipeline.watch import Reason
from records.reading import copies, revisions
from records.tables import articles
from records.values import ArticleView

ENOUGH = 0.5  # score from which on a copy is worth telling again; see docs/measurements.md, Provenance
MOST_COPIES = 100  # of a story, the first ones, that a copy is compared with
MOST_TOLD = 5  # finds of a kind that an alert carries
LONGEST = 400  # characters of each

_Told = list[tuple[Reason, dict[str, Any]]]


class News:
    """Asks of articles of one transaction.

    `after` is where the change log ended before it, `notices` are those that its articles had before it.
    """

    def __init__(self, conn: sa.Connection, after: int, notices: Mapping[str, Sequence[str]]) -> None:
        self._conn, self._after, self._notices = conn, after, notices
        self._asked: dict[str, _Told] = {}

    def of(self, article_id: str, story_id: str) -> _Told:
        """Why to tell of its story again; at most once each. Nothing for an article that was not just written."""
        if article_id not in self._asked:
            self._asked[article_id] = self._of(article_id, story_id)
        return self._asked[article_id]

    def _of(self, article_id: str, story_id: str) -> _Told:
        written = self._written(story_id)
        if written.get(article_id, -1) < self._after:
            return []
        views = copies(self._conn, story_id)
        view = next(one for one in views if one.article.id == article_id)
        rank = {one.article.id: (written[one.article.id], one.article.first_seen, one.article.id) for one in views}
        before = [one for one in views if rank[one.article.id] < rank[article_id]]
        before.sort(key=lambda one: rank[one.article.id])
        earlier = self._earlier(view)
        told: _Told = []
        if notice := self._correction(view, before):
            told.append((Reason.CORRECTION, {"notice": notice[:LONGEST]}))
        novelty = _novelty(view, earlier, before[:MOST_COPIES])
        if novelty.score >= ENOUGH:
            told.append((Reason.NEWS, _detail(novelty)))
        return told

    def _written(self, story_id: str) -> dict[str, int]:
        wanted = sa.select(articles.c.id, articles.c.written_after).where(articles.c.story_id == story_id)
        return {row.id: row.written_after for row in self._conn.execute(wanted)}

    def _correction(self, view: ArticleView, before: Sequence[ArticleView]) -> str:
        """A notice that corrects something, which neither the article had before nor an earlier copy; "" for none."""
        known = {notice for one in before for notice in one.article.notices}
        known.update(self._notices.get(view.article.id, ()))
        return next((one for one in view.article.notices if one not in known and is_correction(one)), "")

    def _earlier(self, view: ArticleView) -> list[Article]:
        """What the article said before, as articles of that text; newest last."""
        if view.versions < 2:
            return []
        past = [one for one in revisions(self._conn, view.article.id) if not one.current and one.text]
        return [Article("", "", "", view.article.source_id, one.title, text=one.text) for one in past]


def _novelty(view: ArticleView, earlier: Sequence[Article], before: Sequence[ArticleView]) -> Novelty:
    """Nothing is new where no text came before: a headline whose page came is one story still."""
    if not earlier and not any(one.article.text for one in before):
        return Novelty(0.0)
    told = Told()
    for one in before:
        told.add(one.article, one.tagging)
    for article in earlier:
        told.add(article, view.tagging)  # its own names are no news, its own new sentences are
    return told.look(view.article, view.tagging)


def _detail(novelty: Novelty) -> dict[str, Any]:
    told: dict[str, Any] = {"score": novelty.score}
    for name in ("sentences", "figures", "names"):
        finds: tuple[New, ...] = getattr(novelty, name)
        if finds:
            told[name] = [one.text[:LONGEST] for one in finds[:MOST_TOLD]]
    if novelty.entities:
        told["entities"] = list(novelty.entities[:MOST_TOLD])
    return told
