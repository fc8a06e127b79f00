"""The addresses of all feeds as OPML 2.0 (http://opml.org/spec2.opml), which readers import.

Whoever has the file can read the feeds: their addresses are keys.
"""

from __future__ import annotations

from lxml import etree
from lxml.builder import ElementMaker
from starlette.responses import Response

from pipeline.watch import OutputKind
from web.feeds.feed import clean
from web.links import addresses
from web.parts import Parts

MEDIA_TYPE = "text/x-opml"
HEADERS = {
    "cache-control": "private, no-store",
    "content-disposition": 'attachment; filename="subscriptions.opml"',
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
E = ElementMaker()


def opml(parts: Parts) -> Response:
    """One line a link in use, by the subscriptions' names."""
    links = [one for one in parts.records.outputs() if one.kind is OutputKind.LINK and one.revoked is None]
    lines = []
    for subscription in parts.records.subscriptions():
        for one in links:
            if one.subscription_id == subscription.id:
                name, page = clean(subscription.name), f"{parts.public_url}/subscriptions/{subscription.id}"
                feed = addresses(parts, one.secret)["rss"]
                lines.append(E.outline(type="rss", text=name, title=name, xmlUrl=feed, htmlUrl=page))
    head = E.head(E.title("Wirewatch subscriptions"))
    whole = E.opml(head, E.body(*lines), version="2.0")
    body = etree.tostring(whole, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return Response(body, headers=HEADERS, media_type=MEDIA_TYPE)
