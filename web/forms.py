"""What a form of a page sent, as text: a field that is not there is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request
from starlette.datastructures import FormData

from pipeline.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields by name. Line ends are "\\n", as people see them."""

    values: dict[str, list[str]]

    def __getitem__(self, name: str) -> str:
        """The first value, without the white space around it; "" when it was not sent."""
        return next(iter(self.values.get(name, ())), "").strip()

    def all(self, name: str) -> Sequence[str]:
        """All values of a field that may be there several times."""
        return self.values.get(name, [])


@dataclass(slots=True)
class Wrong:
    """What is wrong with which field, in words, to stand beside it."""

    fields: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, words: object) -> None:
        """Of each field the first thing that is wrong is said."""
        self.fields.setdefault(name, str(words))

    def __bool__(self) -> bool:
        return bool(self.fields)


async def _sent(request: Request) -> Sent:
    form: FormData = await request.form()
    return _read((name, value) for name, value in form.multi_items() if isinstance(value, str))


def asked(request: Request) -> Sent:
    """The same of an address's query."""
    given = parse_qs(request.url.query, keep_blank_values=True)
    return _read((name, value) for name, values in given.items() for value in values)


def _read(pairs: object) -> Sent:
    values: dict[str, list[str]] = {}
    for name, value in pairs:  # type: ignore[attr-defined]
        values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return Sent(values)


Form = Annotated[Sent, Depends(_sent)]


def number(text: str, least: float, most: float, what: str) -> float:
    """A number as a person writes it. Raise BadInput."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise BadInput(f"{what} is a number from {least:g} to {most:g}")
    return value
