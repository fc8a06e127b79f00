"""Which indices there are, which of them serve, and how that changes: the aliases are the only truth.

The alias of the serving generation's state is moved with a condition (it must still stand where it was thought to
stand), together with the alias that searches use; so two processes cannot both believe that they serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from pipeline.errors import Away
from search.elastic_errors import cause_of
from search.elastic_schema import VERSION, Generation, Shape, templates

POSITION, FLOOR = "position", "floor"


class Layout:
    """The indices of one prefix."""

    def __init__(self, client: Elasticsearch, prefix: str, shape: Shape) -> None:
        self._client = client
        self.prefix = prefix
        self.live = f"{prefix}-live"
        self._shape = shape

    # --- looking ----------------------------------------------------------------------------
    def serving(self) -> tuple[Generation | None, int]:
        """The generation that serves, if there is one, and its position."""
        return self._state(self.live)

    def position(self, generation: Generation) -> int:
        """The position of a generation; 0 when it has none yet."""
        return self._state(generation.state)[1]

    def _state(self, target: str) -> tuple[Generation | None, int]:
        """Read in real time, not as of the last refresh."""
        try:
            told = self._client.get(index=target, id=POSITION)
        except NotFoundError as error:
            if "_index" not in error.body:  # no such index; otherwise only the document is missing
                return None, 0
            return Generation.of(error.body["_index"]), 0
        return Generation.of(told["_index"]), int(told["_source"][POSITION])

    def floor(self, generation: Generation) -> str:
        """The oldest month that is kept; "" for all."""
        try:
            return str(self._client.get(index=generation.state, id=FLOOR)["_source"][FLOOR])
        except NotFoundError:
            return ""

    def indices(self) -> dict[Generation, list[str]]:
        """All indices by generation."""
        found: dict[Generation, list[str]] = {}
        for name in sorted(self._client.indices.get_alias(index=f"{self.prefix}-v*-g*")):
            generation = Generation.of(name)
            if generation and generation.prefix == self.prefix:
                found.setdefault(generation, []).append(name)
        return found

    def months(self, generation: Generation) -> list[str]:
        """The generation's indices of articles, oldest first."""
        return sorted(self._client.indices.get_alias(index=f"{generation.name}-m*"))

    # --- changing ---------------------------------------------------------------------------
    def put_templates(self) -> None:
        """Make or renew the templates; they hold for indices made from now on."""
        for name, body in templates(self.prefix, self._shape).items():
            self._client.indices.put_index_template(name=name, **body)

    def begin(self, generation: Generation, *, serve: bool) -> None:
        """Make a generation's state; with `serve` it serves at once."""
        self.create(generation.state, {self.live: {}} if serve else {})

    def create(self, name: str, aliases: dict[str, Any] | None = None) -> bool:
        """Make an index by its template; False when it is there already."""
        try:
            self._client.indices.create(index=name, aliases=aliases or {})
        except BadRequestError as error:
            if cause_of(error).get("type") != "resource_already_exists_exception":
                raise
            return False
        return True

    def show(self, generation: Generation, months: Sequence[str]) -> None:
        """Let searches see these indices, if their generation serves. Raises Away when it does no longer."""
        if not months:
            return
        still = {"index": generation.state, "alias": self.live}
        self._move(
            [
                {"remove": still | {"must_exist": True}},
                {"add": still},
                {"add": {"indices": list(months), "alias": self.prefix}},
            ]
        )

    def swap(self, old: Generation | None, new: Generation) -> None:
        """At one instant the new generation serves, the old one no longer. Raises Away when `old` does not serve."""
        actions: list[dict[str, Any]] = []
        if old:
            actions.append({"remove": {"index": old.state, "alias": self.live, "must_exist": True}})
            if self._client.indices.exists_alias(index=f"{old.name}-m*", name=self.prefix):
                actions.append({"remove": {"indices": [f"{old.name}-m*"], "alias": self.prefix}})
        actions.append({"add": {"index": new.state, "alias": self.live}})
        if months := self.months(new):
            actions.append({"add": {"indices": months, "alias": self.prefix}})
        self._move(actions)

    def _move(self, actions: list[dict[str, Any]]) -> None:
        try:
            self._client.indices.update_aliases(actions=actions)
        except NotFoundError as error:
            raise Away(
                f"the index {self.prefix} was replaced by another process meanwhile: it is tried again"
            ) from error

    def delete(self, names: Sequence[str]) -> None:
        """Delete these indices; those that are gone already do not matter."""
        for at in range(0, len(names), 50):
            self._client.indices.delete(index=list(names[at : at + 50]), ignore_unavailable=True)

    def delete_templates(self) -> None:
        """Delete this release's templates."""
        for name in templates(self.prefix, self._shape):
            try:
                self._client.indices.delete_index_template(name=name)
            except ApiError as error:
                if error.meta.status != 404:
                    raise


def next_generation(prefix: str, known: dict[Generation, list[str]]) -> Generation:
    """The one after all that are known."""
    return Generation(max((one.number for one in known), default=0) + 1, VERSION, prefix)
