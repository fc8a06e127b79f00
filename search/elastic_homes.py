"""In which month's index articles stand, also where a search cannot tell yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from elasticsearch import Elasticsearch

from search.elastic_schema import Generation

_RECENT = 50_000  # ids whose last write may not be visible to a search yet: more than a refresh's worth
_ASKED = 1000  # ids in one search


class Homes:
    """Remembers the last writes to one generation."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, str] = OrderedDict()  # article id -> index

    def forget(self) -> None:
        """Another generation is written from now on."""
        self._recent.clear()

    def note(self, kept: Mapping[str, str], gone: Iterable[str]) -> None:
        """Articles (id -> index) that are written now, and ids that are deleted."""
        for id in (*kept, *gone):
            self._recent.pop(id, None)
        self._recent.update(kept)
        while len(self._recent) > _RECENT:
            self._recent.popitem(last=False)

    def strays(
        self, client: Elasticsearch, generation: Generation, homes: Mapping[str, str], months: Sequence[str]
    ) -> set[tuple[str, str]]:
        """Where else than at home these articles stand, as (id, index); `months` are the indices there are.

        Only an article that was deleted and came again can have another month. Raises what the client raises.
        """
        strays = {(id, self._recent[id]) for id in homes if id in self._recent}
        ids = list(homes)
        for at in range(0, len(ids) if len(months) > 1 else 0, _ASKED):
            answer = client.search(
                index=f"{generation.name}-m*",
                query={"ids": {"values": ids[at : at + _ASKED]}},
                size=10_000,
                track_total_hits=False,
                allow_partial_search_results=False,
                filter_path="hits.hits._id,hits.hits._index",
            )
            strays |= {(hit["_id"], hit["_index"]) for hit in answer.get("hits", {}).get("hits", [])}
        return {(id, index) for id, index in strays if index != homes[id] and index in months}
