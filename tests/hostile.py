"""Pages made to hurt a reader, and a runner that reads each in a process of its own and tells what it cost.

`python -m tests.hostile [NAME…]` prints one JSON object a page: seconds of CPU, bytes of growth, and what came of it.
"""

# ruff: noqa: E501 (a page stands on one line)
from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import WirewatchError
from pipeline.language import guess
from pipeline.read import Tools, read_page
from pipeline.types import Fetched, FetchTask, Kind, Source, Tagging

MB = 1_000_000
LIMIT = 12  # seconds of CPU after which a page's process is ended
SOURCE = Source("halva", "Halva Herald", "NO", "en", "https://www.halvaherald.example/")
URL = "https://www.halvaherald.example/world/lab-holds-its-line"
FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)
FOUND = Path(__file__).parent / "data" / "hostile"
STORY = "".join(
    f"<p>Paragraph {n} of a story about boats, buoys and a harbour that is guarded well.</p>" for n in range(6)
)
TITLED = "<title>A long headline</title>"  # of the pages whose state is searched for it
BAIT = {
    "spaces": " ",
    "newlines": "\n",
    "dashes": "-",
    "long dashes": "–",
    "round": "(",
    "square": "[",
    "closed": ")",
    "mixed brackets": "([",
    "capitals": "A",
    "capital words": "AB ",
    "names": "Anna Berg ",
    "digits": "1",
    "numbers": "12 ",
    "dates": "2026-02-2",
    "months": "Feb 1 ",
    "quotes": '"',
    "curly": "”",
    "apostrophes": "'",
    "by": "By ",
    "by and": "By Ann and ",
    "commas": "A, ",
    "slashes": "NEW YORK/",
    "colons": "12:",
    "pipes": "a | ",
    "dots": ".",
    "ellipses": "…",
    "reporting": "Reporting by A ",
    "editing": "editing by ",
    "copyright": "(c) ",
    "angles": "<",
    "entities": "&amp;",
    "half entities": "&#",
    "nuls": "\0",
    "zero width": "\u200b",
    "combining": "e\u0301\u0323",
    "right to left": "\u202e",
    "commas in json": ", ",
    "backslashes": "\\",
    "underscores": "_",
    "stars": "*",
    "ats": "a@",
    "addresses": "http://a.b/",
    "percents": "%",
    "reads": "Read more ",
    "sign up": "sign up to get ",
    "photo": "photo ",
    "subscribe": "subscribe to ",
    "chinese": "中",
    "arabic": "ا",
}  # fmt: skip


def html(head: str = "<title>A headline</title>", body: str = STORY) -> bytes:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode("utf-8", "replace")


def attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def ld(**claims: Any) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **claims})}</script>"


def state(value: Any) -> str:
    """In-page state, for pages that print nothing."""
    return f"<div id=app></div><script type='application/json'>{json.dumps(value)}</script>"


def nested(inner: Any, times: int) -> Any:
    """`inner` under `times` nodes that all have the page's title."""
    for _ in range(times):
        inner = {"title": "A long headline", "content": [inner, "<p>A paragraph of the state, with words in it.</p>"]}
    return inner


def pushes(rows: str) -> str:
    return f"<div id=app></div><script>self.__next_f.push([1,{json.dumps(rows)}])</script>"


def baited(bait: str, length: int = 100_000) -> dict[str, bytes]:
    """A page for each place in which a run of the bait may stand."""
    run = bait * (length // len(bait))
    short, quoted = run[:5_000], attribute(run)
    text = run.replace("&", "&amp;").replace("<", "&lt;") if bait != "&amp;" else run
    return {
        "body": html(body=f"<article><h1>A headline</h1>{STORY}<p>{text}</p><p>{text}x.</p>{STORY}</article>"),
        "bodies": html(body=f"<article>{STORY}{''.join(f'<p>{text[at : at + 990]}!</p>' for at in range(0, 60_000, 900))}</article>"),
        "title": html(f"<title>A {text} x</title><meta property=og:title content=\"A {quoted} x\">", f"<h1>A {text}</h1>{STORY}"),
        "byline": html(body=f"<h1>A headline</h1><span class=byline>By {text[:150]}</span><a rel=author>{text}</a>{STORY}"),
        "metas": html(f"<title>A</title><meta name=author content=\"By {quoted}x\"><meta name=description content=\"{quoted}\">"
                      f"<meta name=keywords content=\"{quoted}\"><meta name=robots content=\"{quoted}\">"
                      f"<link rel=canonical href=\"https://www.halvaherald.example/{quoted}\"><meta property=og:site_name content=\"{quoted}\">"),
        "date": html(f"<title>A headline</title><meta property=article:published_time content=\"2026-02-{quoted[:50]}\">",
                     f"<time datetime=\"{quoted}\">{text}</time><h1>A headline</h1><p>date {text}</p><p>{text[:300]}</p>{STORY}"),
        "ends": html(body=f"<article>{STORY}<p>He said so. {text}</p><p>Reporting by {text[:500]}; {text[:80]}</p><p>© {text[:100]}</p></article>"),
        "begins": html(body=f"<article><p>LONDON, {text[:150]} - He said so.</p><p>{text[:150]} (Reuters) - So it was, and more was said of it.</p>{STORY}</article>"),
        "json": html("<title>A headline</title>" + ld(headline=f"A {run}", articleBody=run * 2, author=[{"name": run}, short],
                     datePublished=short, dateModified=run, keywords=run, description=run, image=run, articleSection=run), "<div id=app></div>"),
        "state": html(TITLED, state({"title": "A long headline", "bodies": [run, f"<p>{run}", {"children": [{"text": run}]}]})
                      + f"<script>a={{{json.dumps(run)}:{text}</script><script>window.b = JSON.parse({json.dumps(run)})</script>"),
        "broken json": html(f"<title>A headline</title><script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"{text}\" {text}</script>"),
    }  # fmt: skip


def shapes() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Pages that are too much of something."""
    yield "20 MB of paragraphs", lambda: html(body="<p>A paragraph of the flood, with words in it.</p>" * 420_000)
    yield "20 MB of one paragraph", lambda: html(body="<p>" + "word " * (4 * MB))
    yield "20 MB of script", lambda: html(body="<script>" + "x();" * (5 * MB) + "</script>" + STORY)
    yield "20 MB of JSON-LD", lambda: html("<title>A</title>" + ld(articleBody="word " * (4 * MB)))
    yield "20 MB of open scripts", lambda: html(body="<script " * (20 * MB // 8))
    yield "20 MB of angles", lambda: html(body="<" * (20 * MB))
    yield "20 MB of entities", lambda: html(body="&amp;" * (4 * MB))
    yield "20 MB of nothing", lambda: b" " * (20 * MB)
    yield "20 MB of bytes", lambda: bytes(range(256)) * (20 * MB // 256)
    yield "2.9 MB of one paragraph", lambda: html(body="<p>" + "word " * 570_000)
    yield "2.9 MB of text without markup", lambda: html(body="word, " * 480_000)
    yield "2.9 MB of paragraphs", lambda: html(body=("<p>" + "A long paragraph of the flood. " * 9 + "</p>") * 10_000)
    yield (
        "2.9 MB of latin-1",
        lambda: html(body=STORY).replace(b"</p>", "é ü ".encode("latin-1") * 100_000 + b"</p>", 7),
    )
    yield "nested divs", lambda: html(body="<div>" * 10_000 + STORY + "</div>" * 10_000)
    yield "nested inline", lambda: html(body="<p>" + "<b>" * 10_000 + "text" + STORY)
    yield "nested tables", lambda: html(body="<table><tr><td>" * 3_000 + STORY)
    yield "nested lists", lambda: html(body="<ul><li>item" * 5_000)
    yield "nested quotes", lambda: html(body="<blockquote><p>said" * 10_000 + STORY)
    yield "nested articles", lambda: html(body="<article><section>" * 5_000 + STORY)
    yield "nested fonts", lambda: html(body="<font><a href=x><i>" * 8_000 + STORY)
    yield "misnested", lambda: html(body="<b><p><i></b><a></p></i>" * 5_000 + STORY)
    yield (
        "a million attributes",
        lambda: html(body="<p " + " ".join(f"a{n}=b" for n in range(250_000)) + ">x</p>" + STORY),
    )
    yield "attributes on many", lambda: html(body=("<p " + "x=y " * 60 + ">word</p>") * 10_000)
    yield "one long attribute", lambda: html(body=f'<p class="{"byline " * 400_000}">x</p>{STORY}')
    yield "links", lambda: html(body="<a href=/x>link</a> " * 25_000)
    yield "breaks", lambda: html(body="<p>a" + "<br>line" * 28_000)
    yield "empty paragraphs", lambda: html(body="<p></p>" * 29_000 + STORY)
    yield "headings", lambda: html(body="<h1>A headline</h1>" * 20_000 + STORY)
    yield "bylines", lambda: html(body="<span class=byline>By Ann Lee</span>" * 20_000 + STORY)
    yield "nested bylines", lambda: html(body="<div class=byline>" * 200 + "By Ann" * 20_000 + STORY)
    yield "times", lambda: html(body="<time datetime=2026-02-25>x</time>" * 20_000 + STORY)
    yield "metas", lambda: html("".join(f"<meta name=m{n} content=c>" for n in range(60_000)) + "<title>A</title>")
    yield "same metas", lambda: html("<meta property=article:tag content=c>" * 60_000 + "<title>A</title>")
    yield "scripts", lambda: html(ld(headline="A headline") * 20_000)
    yield (
        "JSON-LD nested",
        lambda: html("<title>A</title><script type='application/ld+json'>" + "[" * 200_000 + "</script>"),
    )
    yield (
        "JSON-LD graph",
        lambda: html(
            "<title>A</title>"
            + ld(**{"@graph": [{"@type": "NewsArticle", "headline": f"x{n}"} for n in range(30_000)]})
        ),
    )
    yield (
        "JSON-LD authors",
        lambda: html(
            "<title>A</title>" + ld(author=[{"@type": "Person", "name": f"Ann Lee {n}"} for n in range(20_000)])
        ),
    )
    yield "JSON-LD keywords", lambda: html("<title>A</title>" + ld(keywords=[f"word {n}" for n in range(60_000)]))
    yield (
        "JSON-LD numbers",
        lambda: html(
            "<title>A</title>"
            + ld(
                wordCount=10**300,
                headline=5,
                author=7,
                datePublished=10**18,
                image=[[[[]]]],
                keywords={"a": 1},
                articleBody=[1],
            )
        ),
    )
    yield (
        "JSON-LD long number",
        lambda: html(
            '<title>A</title><script type=\'application/ld+json\'>{"@type":"NewsArticle","wordCount":'
            + "9" * 100_000
            + "}</script>"
        ),
    )
    yield "JSON-LD lines", lambda: html("<title>A</title>" + ld(articleBody="a\n \n" * 300_000))
    yield "JSON-LD tags", lambda: html("<title>A</title>" + ld(articleBody="<p>a<" * 300_000))
    yield (
        "JSON-LD commas",
        lambda: html("<title>A</title><script type='application/ld+json'>{" + ", " * 600_000 + "</script>"),
    )
    yield (
        "JSON-LD comments",
        lambda: html("<title>A</title><script type='application/ld+json'>" + "/*" * 600_000 + "</script>"),
    )
    yield (
        "billion laughs",
        lambda: (
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
            + b"]><html><head><title>A &j;</title></head><body><p>&j;</p></body></html>"
        ),
    )
    yield (
        "outside entity",
        lambda: (
            b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><head><title>A</title></head><body><p>&x;</p></body></html>'
        ),
    )
    yield "state nested", lambda: html(TITLED, state(nested("x", 300)))
    yield "state of many", lambda: html(TITLED, state([nested("<p>word " * 200, 5)] * 3_000))
    yield "state of one text", lambda: html(TITLED, state({"title": "A long headline", "body": "<p>A word " * 280_000}))
    yield "state of brackets", lambda: html(TITLED, "<script>a=" + "[" * 2_000_000 + "</script>")
    yield "state of assignments", lambda: html(TITLED, '<script>a={"a":"' + '={"a":"b' * 300_000 + "</script>")
    yield "state of blanks", lambda: html(TITLED, "<script>" + ("a=" + " " * 3_000) * 900 + "</script>")
    yield "state indexed", lambda: html(TITLED, state([{"a": 1}, *([[n + 2] * 9 for n in range(40)]), "x"]))
    yield (
        "state indexed in circles",
        lambda: html(TITLED, state([{"a": 1}, {"title": 2, "b": 1, "c": 1}, "A long headline"])),
    )
    yield "state rows", lambda: html(TITLED, pushes("1:T5,abcde" * 100_000))
    yield "state rows of all", lambda: html(TITLED, pushes("a:Tffffff," * 100_000))
    yield "state pushes", lambda: html(TITLED, pushes('1:["a"]\n') * 12_000)
    yield "comments", lambda: html(body="<!-- a -- -->" * 100_000 + STORY)
    yield "open comment", lambda: html(body="<!--" + "-" * 2_000_000)
    yield "cdata", lambda: html(body="<![CDATA[" * 200_000 + STORY)
    yield "doctypes", lambda: b"<!doctype html>" * 150_000 + html()
    yield "spaces in tags", lambda: html(body="<p" + " " * 2_500_000 + ">x</p>" + STORY)
    yield "spaces before", lambda: b" " * 2_900_000 + html()
    yield "charset bait", lambda: b"<meta charset" + b" " * 2_000_000 + b"x" + html()
    yield "metas before charset", lambda: b"<meta " * 400_000 + html()
    yield "utf-16 without marks", lambda: html().decode().encode("utf-16-le")
    yield "utf-16 cut", lambda: html().decode().encode("utf-16")[:-1]
    yield "utf-7", lambda: b"<meta charset=utf-7>" + html()
    yield "odd charsets", lambda: b"<meta charset=idna><p>" + b"\xff" * 100_000 + html()
    yield "punycode", lambda: b"<meta charset=punycode><p>\xff" + b"a-" * 100_000 + html()
    yield "unicode escape", lambda: b"<meta charset=unicode_escape><p>\xff\\ud800\\x" * 1_000 + html()
    yield "nuls in tags", lambda: html().replace(b"<p>", b"<\0p\0>")
    yield "controls", lambda: html(body="".join(f"<p>a{chr(n)}b</p>" for n in range(32)) + STORY)
    yield "surrogates in entities", lambda: html(body="<p>&#xD800;&#55357;&#x110000;&#0;</p>" + STORY)
    yield (
        "surrogates in JSON",
        lambda: html(
            '<script type=\'application/ld+json\'>{"@type":"NewsArticle","headline":"A \\ud800 b","articleBody":"'
            + "One \\ud83d two \\u0000. " * 50
            + '","author":"Ann \\udfff Lee","keywords":["\\ud800"]}</script>',
            "<div></div>",
        ),
    )
    yield (
        "noncharacters",
        lambda: html(body="<p>\ufffe\uffff\U0010ffff a story of the last of all characters, told at length.</p>" * 9),
    )
    yield "a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
    yield "a picture that says html", lambda: b"GIF89a<html>" + bytes(range(256)) * 4_000
    yield "binary after a tag", lambda: b"<html>" + bytes(range(256)) * 11_000
    yield "gzip", lambda: b"\x1f\x8b\x08" + os.urandom(1_000)
    yield "nothing", lambda: b""
    yield "no text", lambda: html(body="<div><img src=a></div>")
    yield "frames", lambda: b"<html><head><title>A headline</title></head><frameset><frame src=a></frameset></html>"
    yield "svg", lambda: html(body="<svg>" + "<g>" * 5_000 + "<title>x</title>" + STORY)
    yield "templates", lambda: html(body="<template>" * 2_000 + STORY)
    yield "select", lambda: html(body="<select>" + "<option>word" * 25_000)
    yield (
        "canonical bait",
        lambda: html(
            "<title>A</title><link rel=canonical href=https://www.halvaherald.example/" + "a.a-" * 16_000 + "%>"
        ),
    )

    yield (
        "canonical of marks",
        lambda: html(
            "<title>A</title><link rel=canonical href=https://www.halvaherald.example" + "/amp" * 15_000 + "/a-b-c>"
        ),
    )


def cases() -> dict[str, Callable[[], bytes]]:
    """Every page by name, also those that the fuzzer found (`tests/data/hostile`)."""
    made = dict(shapes())
    for name, bait in BAIT.items():
        for place in baited("x", 10):
            made[f"{name} in {place}"] = lambda bait=bait, place=place: baited(bait)[place]  # type: ignore[misc]
    for path in sorted(FOUND.glob("*.html")):
        made[f"found {path.stem}"] = path.read_bytes
    return made


def page(body: bytes, **headers: str) -> Fetched:
    return Fetched(FetchTask(URL, SOURCE.id, Kind.PAGE), URL, 200, headers, body, FETCHED)


def tools() -> Tools:
    """Every stage but the taxonomy's, whose search is linear."""
    return Tools(tag=lambda article: Tagging())


def read(body: bytes) -> dict[str, Any]:
    """What comes of a page, here and now: a grade or the name of our error, and what is wrong with the result."""
    begin = time.process_time()
    try:
        article = read_page(page(body), None, SOURCE, tools()).article
    except WirewatchError as error:
        return {"came": type(error).__name__, "words": error.message[:300], "seconds": time.process_time() - begin}
    seconds = time.process_time() - begin
    return {"came": str(article.grade), "words": article.title[:60], "seconds": seconds, "length": len(article.text)}


def measured(build: Callable[[], bytes]) -> dict[str, Any]:
    """`read` in a process of its own, with the bytes by which it grew while reading."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT,) * 2)
        try:
            body = build()
            before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
            told = read(body)
            status = Path("/proc/self/status").read_text()
            told["grown"] = int(status.split("VmHWM:")[1].split()[0]) * 1024 - before
            os.write(send, json.dumps(told).encode("utf-8", "replace"))
            code = 0
        finally:
            os._exit(code)
    os.close(send)
    with os.fdopen(receive, "rb") as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return dict(json.loads(text)) if text else {"came": f"died of {status}", "seconds": 0.0, "grown": 0}


def warm() -> None:
    """Load what is loaded once in a process's life."""
    guess("The stages are loaded once and shared by all that is read afterwards.")
    read(html())


def main(names: list[str]) -> None:
    """Measure the pages named, or all."""
    warm()
    made = cases()
    for name in names or made:
        print(json.dumps({"name": name, **measured(made[name])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
