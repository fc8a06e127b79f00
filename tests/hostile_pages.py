"""What a page must not hold, whatever was printed into it: asked of its markup here, of its DOM by `IN_BROWSER`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urljoin, urlsplit

from lxml import html

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


IN_BROWSER = """() => {
  const never = new Set(NEVER), addressed = ADDRESSED, unused = UNUSED, wrong = [];
  for (const one of document.querySelectorAll("*")) {
    const tag = one.localName;
    if (never.has(tag) || one.namespaceURI.endsWith("MathML") || tag.includes(":")) wrong.push(`<${tag}>`);
    for (const a of one.attributes) {
      if (/^on/i.test(a.name) || unused.includes(a.name)) wrong.push(`<${tag} ${a.name}=${a.value.slice(0, 60)}>`);
      if (addressed.includes(a.name)) {
        let to = null;
        try { to = new URL(a.value, location.href); } catch { /* leads nowhere */ }
        const loads = tag !== "a";
        const feed = !loads && a.value.startsWith(`feed:${location.origin}/s/`);
        if (to && !feed && (!/^https?:$/.test(to.protocol) || (loads && to.origin !== location.origin)))
          wrong.push(`<${tag} ${a.name}=${a.value.slice(0, 80)}>`);
      }
    }
    if (tag === "meta" && /refresh/i.test(one.httpEquiv)) wrong.push("<meta http-equiv=refresh>");
    if (tag === "script" && !one.src) wrong.push("<script> inline");
  }
  if (window.pwned !== undefined) wrong.push("window.pwned is set");
  return wrong.concat(window.refused || []);
}"""
for _name, _values in (("NEVER", NEVER), ("ADDRESSED", ADDRESSED), ("UNUSED", UNUSED)):
    IN_BROWSER = IN_BROWSER.replace(_name, json.dumps(sorted(_values)))
