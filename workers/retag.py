"""Tagging the archive anew, batch by batch, beside whoever collects. Pure tagging is outside of every transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.tag import Tagger
from pipeline.types import Article, Grade, Storage
from records.base import Records
from records.values import ArticleView, Retag, Retagged

BATCH = 200  # articles; a transaction of some 20 ms
TRIES = 5  # at an article that is written again and again meanwhile


def retag(
    records: Records, tagger: Tagger, told: Callable[[Retag], None] = lambda state: None, *, anew: bool = False
) -> Retag:
    """Tag all articles by `tagger`, going on where an earlier try under its digest stopped (`anew`: from the start).

    `told` hears how far it is after each batch. Raise Trouble, Busy, Away: what is written then stays.
    """
    state = Retag(tagger.digest) if anew else records.retag_state(tagger.digest)
    told(state)
    while not state.done:
        batch = records.articles(state.after, BATCH)
        fit = [view for view in batch if is_there(view.article)]
        reached = replace(
            state,
            after=batch[-1].article.id if batch else state.after,
            seen=state.seen + len(batch),
            kept=state.kept + len(batch) - len(fit),
            done=not batch,
        )
        state, again = records.retag(reached, [_tagged(view, tagger) for view in fit])
        for _ in range(TRIES):
            views = [view for id in again if (view := records.article(id)) and is_there(view.article)]
            if not views:
                break
            state, again = records.retag(state, [_tagged(view, tagger) for view in views])
        told(state)
    return state


def is_there(article: Article) -> bool:
    """Whether what the article was tagged by is still there: its text or, if none was read, its summary."""
    if article.text:
        return True
    return article.grade is Grade.HEADLINE and article.storage is not Storage.HEADLINE


def _tagged(view: ArticleView, tagger: Tagger) -> Retagged:
    article = view.article
    return Retagged(article.id, article.version, article.summary, tagger.tag(article))
