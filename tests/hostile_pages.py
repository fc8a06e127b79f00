"""What a page must not hold, whatever was printed into it: asked of its markup here, of its DOM by `IN_BROWSER`."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, urldefrag, urljoin, urlsplit

from fastapi.routing import APIRoute
from lxml import html

from tests.hostile_texts import MARK
from tests.integration.web_house import ask
from web.pages import PAGES

MOST = 40  # pages of one kind: those that differ in a query only

NEVER = frozenset({
    "applet", "audio", "base", "bgsound", "embed", "frame", "frameset", "iframe", "image", "isindex", "marquee", "math",
    "noembed", "object", "plaintext", "portal", "source", "style", "template", "video", "xml", "xmp", "xss",
})  # fmt: skip
ADDRESSED = frozenset(
    ("action", "background", "cite", "data", "formaction", "href", "longdesc", "poster", "src", "srcset", "xlink:href")
)
UNUSED = frozenset(("background", "dynsrc", "lowsrc", "ping", "srcdoc", "style"))  # attributes that no page of ours has


def wrongs(body: bytes, url: str) -> Iterator[str]:
    """What is in the markup of a page at `url` that is not ours."""
    tree = html.document_fromstring(body)
    ours = urlsplit(url).netloc
    for element in tree.iter("*"):
        tag = str(element.tag).lower()
        if tag in NEVER or ":" in tag:
            yield f"<{tag}>"
        for name, value in element.items():
            if name.lower().startswith("on") or name.lower() in UNUSED:
                yield f"<{tag} {name}={value!r:.60}>"
            if name.lower() in ADDRESSED and not _is_ours(tag, urlsplit(urljoin(url, _seen(value))), ours):
                yield f"<{tag} {name}={value!r:.80}>"
        if tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield "<meta http-equiv=refresh>"
        if tag == "script" and (not element.get("src") or (element.text or "").strip()):
            yield f"<script> with {element.text!r:.60}"


def _is_ours(tag: str, address: SplitResult, ours: str) -> bool:
    """A link may lead elsewhere on the web; what is loaded or sent to stays here."""
    if tag == "a" and address.scheme == "feed":  # by which a browser finds the feed reader: to feeds of ours only
        return address.path.startswith((f"http://{ours}/s/", f"https://{ours}/s/"))
    return address.scheme in ("http", "https") and (tag == "a" or address.netloc == ours)


def _seen(value: str) -> str:
    """As browsers read an address: without the white space and control characters in it."""
    return re.sub(r"[\x00-\x20]", "", value)


def kind_of(path: str, routes: list[APIRoute]) -> str:
    """The route of a page and the names in its query; which copy of a story is opened makes no other kind."""
    parts = urlsplit(path)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - {"article"})
    route = next((one.path for one in routes if one.path_regex.fullmatch(parts.path)), parts.path)
    return f"{route}?{' '.join(names)}"


def reachable(url: str, *more: str, most: int = 0) -> Iterator[tuple[str, bytes]]:
    """Every page that links lead to from the first and from `more`; of those that differ in their query only, `MOST`;
    with `most` no more than that of each kind, and than four times that of each route, for queries have many parts.
    What is no page (a file to be kept) comes without its bytes."""
    routes = pages()
    waiting = deque(["/", "/?q=*", *more, *(route.path for route in routes if "{" not in route.path)])
    seen, kinds, of_route = set(waiting), Counter[str](), Counter[str]()
    while waiting:
        path = waiting.popleft()
        answer = ask(url, path)
        if answer.status in (302, 303, 307):
            yield path, b""
            targets = [answer.headers["location"]]
        elif not answer.headers.get("content-type", "").startswith("text/html"):
            yield path, b""
            continue
        else:
            yield path, answer.body
            targets = [str(one) for one in html.document_fromstring(answer.body).xpath("//a/@href")]
        for target in targets:
            parts = urlsplit(urldefrag(urljoin(url + path, target))[0])
            if f"{parts.scheme}://{parts.netloc}" != url or parts.path.startswith(("/api/", "/s/", "/static/")):
                continue
            to = parts.path + (f"?{parts.query}" if parts.query else "")
            kind = kind_of(to, routes)
            route = kind.partition("?")[0]
            if most and of_route[route] >= 4 * most:
                continue
            if to not in seen and (kinds[kind] < (most or MOST) or (kind.endswith("?") and not most)):
                kinds[kind] += 1
                of_route[route] += 1
                seen.add(to)
                waiting.append(to)


def pages() -> list[APIRoute]:
    """The routes of pages that can be looked at."""
    routes = [route for one in PAGES for route in one.router().routes if isinstance(route, APIRoute)]
    return [one for one in routes if "GET" in one.methods]


_AUDIT = """(page, at) => {
  const never = new Set(NEVER), addressed = ADDRESSED, unused = UNUSED, wrong = [];
  for (const one of page.querySelectorAll("*")) {
    const tag = one.localName;
    if (never.has(tag) || one.namespaceURI.endsWith("MathML") || tag.includes(":")) wrong.push(`<${tag}>`);
    for (const a of one.attributes) {
      if (/^on/i.test(a.name) || unused.includes(a.name)) wrong.push(`<${tag} ${a.name}=${a.value.slice(0, 60)}>`);
      if (addressed.includes(a.name)) {
        let to = null;
        try { to = new URL(a.value, at); } catch { /* leads nowhere */ }
        const loads = tag !== "a";
        const feed = !loads && a.value.startsWith(`feed:${location.origin}/s/`);
        if (to && !feed && (!/^https?:$/.test(to.protocol) || (loads && to.origin !== location.origin)))
          wrong.push(`<${tag} ${a.name}=${a.value.slice(0, 80)}>`);
      }
    }
    if (tag === "meta" && /refresh/i.test(one.httpEquiv)) wrong.push("<meta http-equiv=refresh>");
    if (tag === "script" && !one.src) wrong.push("<script> inline");
  }
  return wrong;
}"""
for _name, _values in (("NEVER", NEVER), ("ADDRESSED", ADDRESSED), ("UNUSED", UNUSED)):
    _AUDIT = _AUDIT.replace(_name, json.dumps(sorted(_values)))

# What is wrong with the page that is shown; and, as a browser reads them, with those at some paths.
IN_BROWSER = f"""() => {{
  const ran = window.{MARK} === undefined ? [] : ["window.{MARK} is set"];
  return [...({_AUDIT})(document, location.href), ...ran, ...(window.refused || [])];
}}"""
READ_IN_BROWSER = f"""async (paths) => {{
  const wrong = [];
  for (const path of paths) {{
    const answer = await fetch(path);
    if (!/^text.html/.test(answer.headers.get("content-type"))) wrong.push(`${{path}}: no page`);
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const one of ({_AUDIT})(read, new URL(path, location.href))) wrong.push(`${{path}}: ${{one}}`);
  }}
  return wrong;
}}"""
