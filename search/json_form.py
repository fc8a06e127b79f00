"""A query as JSON, without loss: `from_json(to_json(node)) == node` for every node that `parse` can make.

    {"everything": true}                                  {"search": "port watch"}
    {"and": [node, …]}   {"or": [node, …]}                {"not": node}
    {"word": "drone", "field": "title", "exact": true}    {"phrase": "a b", "field": "body", "exact": true, "slop": 4}
    {"prefix": "dro", "field": "title"}                   {"near": [word or phrase, word or phrase], "within": 5}
    {"is": "SG", "field": "country"}                      {"is": "example.com/news/", "field": "url", "prefix": true}
    {"range": "seen", "since": "P1D"}                     {"range": "date", "since": "2026-01-01T00:00:00Z", "until": …}
    {"count": "copies", "least": 2, "most": 5}

What is false, 0 or open is left out. Times are ISO-8601 with "Z" or an offset; `since` is inside, `until` is not;
`least` and `most` are both inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.errors import BadQuery
from search.ast import (
    Ago,
    And,
    Count,
    Everything,
    Is,
    Moment,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Saved,
    Word,
    all_of,
    any_of,
)
from search.format import format_query
from search.limits import MAX_CLAUSES, MAX_DEPTH, MAX_TEXT, TOO_DEEP, TOO_LONG, TOO_MANY, check
from search.parse import parse
from search.values import shown

Form = dict[str, Any]


def to_json(node: Node) -> Form:
    """The node as what `json.dumps` takes."""
    match node:
        case Everything():
            return {"everything": True}
        case And(parts):
            return {"and": [to_json(part) for part in parts]}
        case Or(parts):
            return {"or": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Word(text, field, exact):
            return _filled({"word": text}, field=field, exact=exact)
        case Phrase(text, field, exact, slop):
            return _filled({"phrase": text}, field=field, exact=exact, slop=slop)
        case Prefix(text, field):
            return _filled({"prefix": text}, field=field)
        case Near(left, right, within):
            return {"near": [to_json(left), to_json(right)], "within": within}
        case Is(field, value, prefix):
            return _filled({"is": value}, field=field, prefix=prefix)
        case Range(field, since, until):
            return _filled({"range": field}, since=_told(since), until=_told(until))
        case Count(field, least, most):
            return {"count": field} | {name: end for name, end in (("least", least), ("most", most)) if end is not None}
        case Saved(name):
            return {"search": name}


def from_json(form: object) -> Node:
    """The node that a JSON form means.

    Raises BadQuery, saying where ("and[1].field: …"), for what is no form, for what no query can say, and for what
    passes the bounds of `search.limits`. Like the parser it guesses at nothing.
    """
    node = _Reader().node(form, "", 0)
    check(node)
    return node


class _Reader:
    """Makes nodes, and counts the leaves so that a huge form is refused early."""

    def __init__(self) -> None:
        self.leaves = 0

    def node(self, form: object, path: str, level: int) -> Node:
        """The node that stands at `path`."""
        if level > 2 * MAX_DEPTH + 1:
            raise _bad(path, ": ".join(TOO_DEEP))
        if not isinstance(form, Mapping):
            raise _bad(path, f'an object such as {{"word": "drone"}} belongs here, not {_kind(form)}')
        kinds = [kind for kind in _KINDS if kind in form]
        if len(kinds) != 1 and not ("prefix" in kinds and "is" in kinds and len(kinds) == 2):
            raise _bad(path, f"exactly one of {', '.join(_KINDS)} says what it is")
        kind = "is" if "is" in kinds else kinds[0]
        odd = next((str(name) for name in form if name != kind and name not in _KINDS[kind]), None)
        if odd is not None:
            right = ", ".join(_KINDS[kind]) or "nothing"
            raise _bad(_inside(path, shown(odd)), f"unknown beside {kind!r}, which goes with {right}")
        if kind in ("and", "or"):
            parts = _checked(form, kind, list, path)
            if not parts:
                raise _bad(_inside(path, kind), "it has at least one part")
            made = [self.node(part, f"{_inside(path, kind)}[{at}]", level + 1) for at, part in enumerate(parts)]
            return all_of(made) if kind == "and" else any_of(made)
        if kind == "not":
            return Not(self.node(form[kind], _inside(path, kind), level + 1))
        self.leaves += kind != "near"  # whose sides count
        if self.leaves > MAX_CLAUSES:
            raise _bad(path, ": ".join(TOO_MANY))
        return _as_read(self.near(form, path, level) if kind == "near" else _LEAVES[kind](form, path), path)

    def near(self, form: Mapping[str, Any], path: str, level: int) -> Near:
        """Two words or phrases."""
        sides = _checked(form, "near", list, path)
        made = [self.node(side, f"{_inside(path, 'near')}[{at}]", level + 1) for at, side in enumerate(sides[:3])]
        words = [one for one in made if isinstance(one, Word | Phrase)]
        if len(made) != 2 or len(words) != 2:
            raise _bad(_inside(path, "near"), "two words or phrases belong here")
        if "within" not in form:
            raise _bad(_inside(path, "within"), "it is missing")
        return Near(words[0], words[1], _number(form, "within", path))


def _word(form: Mapping[str, Any], path: str) -> Node:
    return Word(_text(form, "word", path), _text(form, "field", path), _flag(form, "exact", path))


def _phrase(form: Mapping[str, Any], path: str) -> Node:
    field, exact = _text(form, "field", path), _flag(form, "exact", path)
    return Phrase(_text(form, "phrase", path), field, exact, _number(form, "slop", path))


def _prefix(form: Mapping[str, Any], path: str) -> Node:
    return Prefix(_text(form, "prefix", path), _text(form, "field", path))


def _is(form: Mapping[str, Any], path: str) -> Node:
    return Is(_text(form, "field", path), _text(form, "is", path), _flag(form, "prefix", path))


def _range(form: Mapping[str, Any], path: str) -> Node:
    return Range(_text(form, "range", path), _moment(form, "since", path), _moment(form, "until", path))


def _count(form: Mapping[str, Any], path: str) -> Node:
    least, most = (_number(form, name, path) if name in form else None for name in ("least", "most"))
    return Count(_text(form, "count", path), least, most)


def _saved(form: Mapping[str, Any], path: str) -> Node:
    return Saved(_text(form, "search", path))


def _everything(form: Mapping[str, Any], path: str) -> Node:
    if form["everything"] is not True:
        raise _bad(_inside(path, "everything"), "it is true, or not there")
    return Everything()


# What each kind may have beside it.
_KINDS: dict[str, tuple[str, ...]] = {
    "everything": (),
    "and": (),
    "or": (),
    "not": (),
    "word": ("field", "exact"),
    "phrase": ("field", "exact", "slop"),
    "prefix": ("field",),
    "near": ("within",),
    "is": ("field", "prefix"),
    "range": ("since", "until"),
    "count": ("least", "most"),
    "search": (),
}
_LEAVES: dict[str, Callable[[Mapping[str, Any], str], Node]] = {
    "everything": _everything,
    "word": _word,
    "phrase": _phrase,
    "prefix": _prefix,
    "is": _is,
    "range": _range,
    "count": _count,
    "search": _saved,
}


def _as_read(leaf: Node, path: str) -> Node:
    """The leaf, if the language can say it: the parser has the only list of what is allowed."""
    try:
        read = parse(format_query(leaf))
    except BadQuery as error:
        raise _bad(path, str(error)) from error
    if read != leaf:
        raise _bad(path, f"the language has no such thing; {shown(format_query(leaf))} is {shown(str(to_json(read)))}")
    return leaf


def _checked(form: Mapping[str, Any], name: str, kind: type, path: str) -> Any:
    value = form[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        wanted = {str: "a text", list: "a list", bool: "true or false", int: "a whole number"}[kind]
        raise _bad(_inside(path, name), f"{wanted} belongs here, not {_kind(value)}")
    return value


def _text(form: Mapping[str, Any], name: str, path: str) -> str:
    text = str(_checked(form, name, str, path)) if name in form else ""
    if len(text) > MAX_TEXT:
        raise _bad(_inside(path, name), ": ".join(TOO_LONG))
    return text


def _flag(form: Mapping[str, Any], name: str, path: str) -> bool:
    return bool(_checked(form, name, bool, path)) if name in form else False


def _number(form: Mapping[str, Any], name: str, path: str) -> int:
    return int(_checked(form, name, int, path)) if name in form else 0


def _moment(form: Mapping[str, Any], name: str, path: str) -> Moment | None:
    text = _text(form, name, path)
    if not text or text.startswith("P"):
        return Ago(text) if text else None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _bad(_inside(path, name), f"{shown(text)!r} is no time: write 2026-01-01T00:00:00Z, or P1D for a day ago")


def _filled(form: Form, **more: object) -> Form:
    return form | {name: value for name, value in more.items() if value}


def _told(moment: Moment | None) -> str | None:
    if isinstance(moment, Ago):
        return moment.duration
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _bad(path: str, right: str) -> BadQuery:
    return BadQuery(f"{path}: {right}" if path else right, column=1)
