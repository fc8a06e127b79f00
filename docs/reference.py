"""The API's reference as a page of the site, made from the application's own OpenAPI document.

No script draws it in the reader's browser, so it needs nothing from elsewhere and can be searched like any page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
METHODS = ("get", "post", "put", "patch", "delete")
_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "to {}",
    "maxLength": "at most {} characters",
}
_HEAD = """# API reference

Made from the application's OpenAPI 3.1 document, which every Wirewatch answers at `/api/v1/openapi.json`. How to
call it, what a cursor is and which errors there are: [the HTTP API](api.md).
"""


def document() -> dict[str, Any]:
    """The OpenAPI document of this tree's application."""
    described: dict[str, Any] = application().openapi()
    return described


def application() -> Any:
    """The application without an archive, to be described."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from web.app import make_app
    from web.parts import Parts

    nothing: Any = None
    return make_app(Parts(nothing, nothing, lambda: datetime.now(UTC), bytes, ""))


def reference() -> str:
    """The page in Markdown."""
    told = document()
    schemas = told.get("components", {}).get("schemas", {})
    lines = [_HEAD]
    for tag, operations in _by_tag(told).items():
        lines.append(f"## {tag.capitalize()}\n")
        for path, method, operation in operations:
            lines += _operation(path, method, operation)
    lines.append("## Values\n")
    for name in sorted(schemas):
        lines += _schema(name, schemas[name])
    return "\n".join(lines) + "\n"


def _by_tag(told: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in told["paths"].items():
        for method in METHODS:
            if method in item:
                tag = (item[method].get("tags") or [path.removeprefix("/api/v1/").split("/")[0].split(".")[0]])[0]
                found.setdefault(tag, []).append((path, method, item[method]))
    return found


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### `{method.upper()} {path}` {{ #{anchor(method + path)} }}\n"
    yield f"**{_line(operation.get('summary', ''))}**\n"
    if words := operation.get("description", ""):
        yield f"{_line(words)}\n"
    if parameters := operation.get("parameters"):
        yield "| parameter | in | type | |\n|---|---|---|---|"
        for one in parameters:
            name = f"`{one['name']}`" + (" (needed)" if one.get("required") else "")
            schema = one.get("schema", {})
            yield f"| {name} | {one['in']} | {_type(schema)} | {_told(one.get('description', ''), schema)} |"
        yield ""
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body (`{kind}`): {_type(body.get('schema', {}))}\n"
    yield "| answer | type | |\n|---|---|---|"
    for status, answer in operation["responses"].items():
        kinds = [f"`{kind}` {_type(one.get('schema', {}))}".strip() for kind, one in answer.get("content", {}).items()]
        yield f"| {status} | {', '.join(kinds)} | {_line(answer.get('description', ''))} |"
    yield ""


def _schema(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name} {{ #{anchor(name)} }}\n"
    if words := schema.get("description"):
        yield f"{_line(words)}\n"
    needed = schema.get("required", ())
    if "properties" not in schema:
        yield f"{_type(schema)}\n"
        return
    yield "| key | type | |\n|---|---|---|"
    for key, value in schema["properties"].items():
        always = " (needed)" if key in needed else ""
        yield f"| `{key}`{always} | {_type(value)} | {_told(value.get('description', ''), value)} |"
    yield ""


def _type(schema: dict[str, Any]) -> str:
    """A type in words, with links to what has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{anchor(name)})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[key]))
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_type(schema.get('items', {})) or 'values'}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties']) or 'values'}"
    form = schema.get("format")
    return f"{kind} ({form})" if form else str(kind)


def _told(words: str, schema: dict[str, Any]) -> str:
    """The description with bounds and default."""
    told = [_line(words).rstrip("."), *(text.format(schema[key]) for key, text in _BOUNDS.items() if key in schema)]
    if "default" in schema and schema["default"] not in (None, ""):
        told.append(f"default `{json.dumps(schema['default'])}`")
    return "; ".join(one for one in told if one)


def anchor(name: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in name.lower()).strip("-")


def _line(words: str) -> str:
    """In one line, as a cell of a table may hold it."""
    return " ".join(words.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(reference())
