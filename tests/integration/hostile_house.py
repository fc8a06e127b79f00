"""An archive filled by the real crawler and reader with texts made to hurt whoever shows them, and served."""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from crawlers.registry import to_toml
from pipeline.controls import without_controls
from pipeline.ids import story_id
from pipeline.types import Filed, Known, Source, Tag, Tagging
from pipeline.watch import Mode, Output, OutputKind, Subscription
from records.base import Records
from replay.listings import Item
from tests.contract.records_kit import article, entry, filed
from tests.hostile_texts import ADDRESSES, ELSEWHERE, TEXTS
from tests.integration.pipeline_house import (
    Host,
    PipelineHouse,
    Story,
    Town,
    house_over,
    serving_here,
    story,
    warm_pool,
)
from tests.integration.web_house import HARBOUR
from wirewatch import bootstrap, web_parts
from wirewatch.config import load

NAME = TEXTS[0]  # of the source, the subscription and all else that people name
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where the application answers, the records behind it, and the path that the addresses of a link begin with."""

    url: str
    records: Records
    link: str

    def unlinked(self) -> list[str]:
        """Pages that are reached by what people type or programs keep."""
        (view,) = self.records.articles("", 1)
        return [f"/articles/{view.article.id}{more}" for more in ("", "/versions", "/why")]


@contextmanager
def hostile_house() -> Iterator[Served]:
    """Three outlets that print nothing but such texts, collected, subscribed to, and served."""
    town, pool = Town(), warm_pool()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving_here(town.world) as port,
            house_over(port, pool, Path(folder), bootstrap.now()) as house,
        ):
            records, now = house.records, house.clock()
            of = records.subscribe(Subscription(NAME, "*", Mode.EVERY, note=NAME), now)
            token = secrets.token_urlsafe(32)
            records.put_output(Output(of.id, OutputKind.LINK, secret=token), now)
            records.put_output(Output(of.id, OutputKind.NOTIFY, "json://desk.example/"), now)
            sources = _print(town)
            for count in range(1, len(sources) + 1):  # a round each, so that none takes long on a busy machine
                house.run(*sources[:count])
            _file(house, sources[0])
            with _served(house, sources) as url:
                yield Served(url, records, f"/s/{token}")
    finally:
        pool.close()


@contextmanager
def _served(house: PipelineHouse, sources: Sequence[Source]) -> Iterator[str]:
    stop, began, where = threading.Event(), threading.Event(), [""]

    def say(address: str) -> None:
        where[0] = address
        began.set()

    folder = house.archive.folder
    (folder / "sources").mkdir()
    for one in sources:
        (folder / "sources" / f"{one.id}.toml").write_text(to_toml(one), encoding="utf8")
    config = folder / "wirewatch.toml"
    config.write_text("shipped_sources = false\nweb_port = 0\nweb_processes = 1\n", encoding="utf8")
    arguments = (load(config, data=folder), stop)
    thread = threading.Thread(target=web_parts.serve_web, args=arguments, kwargs={"began": say}, name="web")
    thread.start()
    try:
        assert began.wait(PATIENCE), "it answers"
        yield where[0]
    finally:
        stop.set()
        thread.join(PATIENCE)


def _print(town: Town) -> list[Source]:
    """The first outlet prints each text in its JSON Feed and on pages, as text; the second in RSS, as markup, on pages
    too; the third in Atom, with addresses that are none; the fourth in a JSON Feed whose pages cannot be had."""
    hosts = [town[f"www.{name}.example"] for name in ("first", "second", "third", "fourth")]
    first, second, third, fourth = hosts
    items: dict[str, list[Item]] = {"json11": [], "rss20": [], "atom10": [], "json11 alone": []}
    for number, text in enumerate(TEXTS):
        one = story(number)
        link = first.url(f"/{number}?q={quote(text)}")
        items["json11"].append(_item(one, link, text))
        first.page(f"/{number}?q={quote(text)}", _page(one, text, escape(text, {'"': "&quot;"})))
        other, plain = story(1000 + number), without_controls(text)
        items["rss20"].append(_item(other, second.url(f"/{number}"), plain))
        second.page(f"/{number}", _page(other, text, text))
        items["json11 alone"].append(_item(story(4000 + number), fourth.url(f"/{number}"), text))
    for number, address in enumerate(ADDRESSES):
        told = without_controls(address)
        items["atom10"].append(_item(story(2000 + number), told, f"Third {number} {told}"))
        items["atom10"].append(
            _item(story(3000 + number), third.url(f"/{number}#{quote(told)}"), escape(TEXTS[number]))
        )
        third.page(f"/{number}", _page(story(3000 + number), told, escape(told)).replace("</head>", _canonical(told)))
    items["atom10"].append(_item(story(9000), third.url(f"/set-aside?q={quote(NAME)}"), NAME))
    third.page(f"/set-aside?q={quote(NAME)}", f"<html><p {' '.join(f'a{n}=1' for n in range(9000))}>{NAME}</p></html>")
    for host, (form, told) in zip(hosts, items.items(), strict=True):
        host.feed(*told, format=form.split()[0])
    return [_source(host, number) for number, host in enumerate(hosts)]


def _file(house: PipelineHouse, source: Source) -> None:
    """Articles with a text in every field that an article has, also in those where the reader lets no such text
    through: as an earlier release, or a reader with a fault, might have filed them. By twos they are one story."""
    rows: list[Filed] = []
    for number, text in enumerate(TEXTS):
        one = entry(source.id, f"direct-{number}", title=f"Filed {number}: {text}", summary=text)
        told = article(
            one, f"{HARBOUR}\n\n{text}\n\n{number}", url=f"javascript:{text}", source_id=source.id, authors=(text,),
            contributors={"photo": (text,)}, section=text, keywords=(text,), image=f"https://{ELSEWHERE}/x.gif",
            wire=text, wire_how=text, credit=text, dateline_places=(text,), dateline_agency=text, notices=(text,),
            known={"title": Known(text, 0.5)}, storage_why=text, published_how=text,
        )  # fmt: skip
        tags = (Tag(f"name:{number}", text, kind="person"),)
        founder = rows[-1].read.article if number % 2 else told
        rows.append(filed(told, story_id(founder.id), tagging=Tagging(tags, tags, 0.5, (text,))))
    house.records.commit(rows, [], house.clock())
    ids = [one.read.article.id for one in rows]
    house.index.apply(house.records.documents(ids), [], house.records.totals().last_change)
    first, second = ids[:2]
    house.records.say(first, second, True, NAME, NAME, house.clock())


def _source(host: Host, number: int) -> Source:
    one = host.source()
    return Source(one.id, f"{NAME} {number}", one.country, one.language, one.homepage, feeds=one.feeds)


def _item(one: Story, link: str, text: str) -> Item:
    return one.item(
        link,
        title=f"Told {one.number}: {text}",
        summary=f"{text} {one.paragraphs[0]}",
        author=f"Ann Berg {text}",
        section=text,
        html=f"<p>{text}</p><p>{one.paragraphs[0]}</p>",
        published=bootstrap.now() - timedelta(minutes=1 + one.number % 50),
    )


def _page(one: Story, text: str, told: str) -> str:
    """A page with the text in each field; `told` is how it stands in the markup."""
    data = {
        "@type": "NewsArticle",
        "headline": f"Told {one.number}: {text}",
        "author": [{"@type": "Person", "name": f"Ann {text} Berg"}],
        "keywords": text,
        "articleSection": text,
        "description": f"{text} told",
        "image": f"javascript:{text}",
    }
    script = json.dumps(data).replace("</", "<\\/")
    paragraphs = "".join(f"<p>{escape(each)} {told} and so on.</p>\n" for each in one.paragraphs[:3])
    quoted = escape(text, {'"': "&quot;"})
    head = (
        f'<meta charset="utf-8"><title>Told {one.number}: {quoted}</title><meta name="author" content="{quoted}">'
        f'<meta property="og:description" content="{quoted}"><script type="application/ld+json">{script}</script>'
    )
    story = f"<h1>Told {one.number}: {told}</h1><p class='byline'>By Ann Berg {told}</p>{paragraphs}"
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><article>{story}</article></body></html>'


def _canonical(address: str) -> str:
    quoted = escape(address, {'"': "&quot;"})
    return f'<link rel="canonical" href="{quoted}"><meta property="og:url" content="{quoted}"></head>'
