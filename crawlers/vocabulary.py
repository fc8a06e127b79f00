"""Which XML elements mean something to feedparser, by namespace: what the fast reader may pass over and what not."""

from __future__ import annotations

from functools import lru_cache

ATOM_URI = "http://www.w3.org/2005/Atom"
ATOM = "{" + ATOM_URI + "}"
RSS1 = "{http://purl.org/rss/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Namespaces whose elements feedparser reads as if they had none.
_BARE_URIS = """
    http://backend.userland.com/rss http://blogs.law.harvard.edu/tech/rss http://purl.org/rss/1.0/
    http://my.netscape.com/rdf/simple/0.9/ http://example.com/newformat# http://example.com/necho
    http://purl.org/echo/ uri/of/echo/namespace# http://purl.org/pie/ http://purl.org/atom/ns#
    http://www.w3.org/2005/atom http://purl.org/rss/1.0/modules/rss091#
"""
_BARE = frozenset(_BARE_URIS.split())
# Elements without namespace that change what an entry is, or its fields under another name.
_BARE_WORDS = """
    rss channel feed item entry image textinput author managingeditor contributor name url homepage uri email link id
    guid title description abstract info summary content body fullitem source published issued pubdate updated modified
    lastbuilddate created expirationdate date language category keywords tags webmaster newlocation items entries links
    authors subtitle tagline href published_parsed updated_parsed created_parsed summary_detail title_detail
    svg math div
"""
_BARE_NAMES = frozenset(_BARE_WORDS.split())
# Elements of known namespaces that feedparser gives a meaning of that kind; all others of these are harmless.
_MEANT = {
    "http://purl.org/dc/elements/1.1/": "author creator date description language subject title",
    "http://purl.org/dc/terms/": "created issued modified",
    "http://purl.org/rss/1.0/modules/content/": "encoded",
    "http://search.yahoo.com/mrss/": "title description category keywords",
    "http://search.yahoo.com/mrss": "title description category keywords",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "author name email summary owner category keywords link",
    "http://example.com/dtds/podcast-1.0.dtd": "author name email summary owner category keywords link",
}
_MEANT_SETS = {uri: frozenset(words.split()) for uri, words in _MEANT.items()}
_FOREIGN = frozenset(
    ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1998/math/mathml")
)
# Prefixes by which feedparser finds its handlers: bound to a namespace it does not know they would still do so.
_RESERVED = frozenset(
    ("dc", "dcterms", "content", "media", "itunes", "xhtml", "feedburner", "cc", "georss", "psc", "xml")
)
_KNOWN_URIS = """
    http://purl.org/rss/1.0/modules/slash/ http://wellformedweb.org/commentapi/ http://purl.org/rss/1.0/modules/syndication/
    http://www.georss.org/georss http://www.w3.org/2003/01/geo/wgs84_pos# http://www.opengis.net/gml
    http://rssnamespace.org/feedburner/ext/1.0 http://purl.org/rss/1.0/modules/threading/
    http://madskills.com/public/xml/rss/module/trackback/ http://madskills.com/public/xml/rss/module/pingback/
    http://webns.net/mvcb/ http://web.resource.org/cc/ http://creativecommons.org/ns#license
    http://backend.userland.com/creativecommonsrssmodule http://prismstandard.org/namespaces/1.2/basic/
"""
_KNOWN = frozenset(_KNOWN_URIS.split())


@lru_cache(maxsize=2048)
def harmless(tag: str, prefix: str | None) -> bool:
    """Whether an element (lxml's tag, and its prefix in the document) leaves feedparser's entry as it is."""
    uri, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    uri, name = uri.lower(), name.lower()
    if not uri or uri in _BARE:
        return name not in _BARE_NAMES
    if uri in _MEANT_SETS:
        return name not in _MEANT_SETS[uri]
    if uri in _FOREIGN or "backend.userland.com/rss" in uri:
        return False
    if uri in _KNOWN:
        return name != "browserfriendly"
    return bool(prefix) and str(prefix).lower() not in _RESERVED and name not in ("svg", "math", "div")
