"""The pages and the API about sources, over real outlets on loopback and a real archive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.crawl import Crawler
from crawlers.guard import Guard
from crawlers.registry import load_source, write_source
from pipeline.answered import Answered
from records.values import Poll
from tests.contract.records_kit import SOURCES, article, entry, filed, poll
from tests.integration.test_crawl_guard import Names
from tests.integration.town import HOME, Town, sourcing
from tests.integration.web_forms import fields, send, words
from tests.integration.web_house import BEGAN, WebHouse, web_house

DAY = timedelta(days=1)


@dataclass
class Desk:
    """A served archive, its outlets and the folder of its sources."""

    house: WebHouse
    town: Town
    folder: Path

    @property
    def url(self) -> str:
        return self.house.url


Opened = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    @contextmanager
    def open_desk(**changes: Any) -> Iterator[Desk]:
        folder = tmp_path / "sources"
        for one in SOURCES:
            write_source(one, folder)
        with Town() as town, web_house(tmp_path, parts={"sourcing": sourcing(town, folder, **changes)}) as house:
            yield Desk(house, town, folder)

    return open_desk


@pytest.fixture
def desk(opened: Opened) -> Iterator[Desk]:
    with opened() as one:
        yield one


def publish(desk: Desk, source: str, counts: list[int]) -> None:
    """That many articles in each of the last periods of 24 hours."""
    clock = desk.house.clock
    for back, count in enumerate(reversed(counts)):
        for number in range(count):
            one = entry(source, f"n{back}-{number}", published=None)
            when = clock.now - back * DAY - timedelta(hours=1 + number % 20)
            desk.house.records.commit([filed(article(one))], [], when)


def polled(desk: Desk, source: str, how: Answered = Answered.OK, times: int = 1, **state: Any) -> None:
    now = desk.house.clock.now
    for number in range(times):
        when = now - timedelta(minutes=number)
        told = replace(poll(source, **{"last_try": when, "last_success": now, "last_new": now} | state), answered=how)
        desk.house.records.record_polls([told], now)


# --- how sources stand ------------------------------------------------------------------------


def test_a_source_that_publishes_less_than_usual_is_said_to_be_silent(desk: Desk) -> None:
    publish(desk, "alba", [8] * 55 + [0])
    publish(desk, "bern", [1] * 56)
    for source in ("alba", "bern"):
        polled(desk, source)
    told = {one["id"]: one for one in desk.house.ask("/api/v1/sources").json()["sources"]}
    alba = told["alba"]
    assert (alba["state"], told["bern"]["state"], told["cork"]["state"]) == ("silent", "healthy", "new")
    assert (alba["silence"]["count"], alba["silence"]["usual"]) == (0, 8)
    assert 0 < alba["silence"]["chance"] < 0.001
    assert alba["habit"][0] == {"low": 8, "median": 8, "high": 8, "days": 7}
    assert alba["stories_a_day"][-2:] == [8, 0]
    said = words(desk.house.ask("/sources"))
    assert "no stories in the last 24 hours, where 8.0 are usual: by chance so few come on one day in" in said
    assert "0 in 24 h usually 8" in said


def test_a_source_that_was_not_asked_is_not_called_silent(desk: Desk) -> None:
    publish(desk, "alba", [8] * 55 + [0])
    publish(desk, "bern", [1] * 56)
    polled(desk, "alba", last_success=desk.house.clock.now - 3 * DAY)
    [alba] = desk.house.ask("/api/v1/sources?q=alba").json()["sources"]
    assert (alba["state"], alba["silence"]) == ("healthy", None)


def test_how_often_an_outlet_keeps_us_out(desk: Desk) -> None:
    polled(desk, "alba", Answered.OK, 3)
    polled(desk, "alba", Answered.FORBIDDEN, 1, last_try=desk.house.clock.now - timedelta(hours=1))
    [alba] = desk.house.ask("/api/v1/sources?q=alba").json()["sources"]
    assert alba["answers"] == {"403": 1, "ok": 3}
    assert "25 % of 4 answers" in words(desk.house.ask("/sources?q=alba"))


def test_filters_and_order_are_in_the_address(desk: Desk) -> None:
    write_source(replace(SOURCES[1], country="CH", language="de", name="Anzeiger"), desk.folder)
    polled(desk, "cork", failures=3, error="no answer within 30 s", error_kind="Unreachable")

    def ids(query: str) -> list[str]:
        return [one["id"] for one in desk.house.ask(f"/api/v1/sources?{query}").json()["sources"]]

    polls = iter(range(100))
    while ids("country=CH") != ["bern"]:  # the folder is looked at every few seconds
        assert next(polls) < 99
        threading.Event().wait(0.1)
    assert ids("sort=state")[0] == "cork"
    assert ids("sort=name") == ["bern", "alba", "cork"]
    assert ids("language=en&sort=name") == ["alba", "cork"]
    assert ids("state=failing") == ["cork"]
    assert ids("q=anzei") == ["bern"]
    page = words(desk.house.ask("/sources?state=failing&sort=name"))
    assert "1 source of 3" in page and "no answer within 30 s" in page and "Anzeiger" not in page
    assert "No source is like that" in words(desk.house.ask("/sources?country=FR"))
    assert desk.house.ask("/sources?sort=beauty").status == 422


def test_one_source_tells_all_that_is_known_of_it(desk: Desk) -> None:
    publish(desk, "alba", [2, 1])
    polled(desk, "alba", failures=2, error="no answer within 30 s", error_kind="Unreachable")
    answer = desk.house.ask("/sources/alba")
    said = words(answer)
    assert "failed 2 times in a row: no answer within 30 s" in said
    assert "The Alba" in said and 'id = "alba"' in said
    assert 'href="/?q=outlet%3Aalba"' in answer.body.decode()
    told = desk.house.ask("/api/v1/sources/alba").json()
    assert [one["title"] for one in told["latest"]] == ["Headline of n0-0", "Headline of n1-0", "Headline of n1-1"]
    assert told["feeds"][0]["failures"] == 2
    for path in ("/sources/nobody", "/api/v1/sources/nobody"):
        assert desk.house.ask(path).status == 404


# --- adding -----------------------------------------------------------------------------------


def test_an_outlet_is_looked_at_then_saved_without_scripts(desk: Desk) -> None:
    desk.town.lantern("lantern.example")
    seen = send(desk.url, "/sources/new", [("address", "http://lantern.example/")])
    assert seen.status == 200, words(seen)
    said = words(seen)
    assert "“Lantern World”, 1 entry" in said and "Drones over the harbour" in said
    assert not (desk.folder / "lantern.toml").exists(), "nothing is saved before it was seen"
    given = fields(seen, "/sources")
    assert ("address", "feeds http://lantern.example/world.xml") in given
    given = [(key, "SG" if key == "country" else value) for key, value in given]
    saved = send(desk.url, "/sources", given)
    assert (saved.status, saved.headers["location"]) == (303, "/sources/lantern?saved=yes"), words(saved)
    source = load_source(desk.folder / "lantern.toml")
    assert (source.name, source.country, source.feeds) == ("The Lantern", "SG", ("http://lantern.example/world.xml",))
    assert "The Lantern" in words(desk.house.ask("/sources/lantern?saved=yes"))


def test_what_is_wrong_is_said_beside_the_field(desk: Desk) -> None:
    given = [("id", "Not An Id"), ("name", ""), ("country", "GB"), ("language", "en"), ("homepage", "nowhere")]
    answer = send(desk.url, "/sources", [*given, ("address", "feeds http://10.0.0.7/feed")])
    assert answer.status == 400
    told = answer.body.decode()
    for key in ("id", "name", "homepage"):
        assert f'id="{key}-wrong"' in told
    taken = [("id", "alba"), ("name", "A"), ("country", "GB"), ("language", "en"), ("homepage", "http://a.example/")]
    answer = send(desk.url, "/sources", [*taken, ("address", "feeds http://a.example/f")])
    assert answer.status == 400 and "is there already" in words(answer)
    over = send(desk.url, "/sources", [*taken, ("address", "feeds http://a.example/f"), ("over", "yes")])
    assert over.status == 303
    assert load_source(desk.folder / "alba.toml").name == "A"


def test_nothing_found_says_what_was_tried(desk: Desk) -> None:
    answer = send(desk.url, "/sources/new", [("address", "http://nothing.example/")])
    assert answer.status == 400
    assert "no feed and no sitemap found" in words(answer) and 'value="http://nothing.example/"' in answer.body.decode()
    assert send(desk.url, "/sources/new", [("address", " ")]).status == 400


def test_a_folder_that_cannot_be_written_gives_the_file_to_copy(opened: Opened) -> None:
    with opened(closed="the sources are kept outside") as desk:
        desk.town.lantern("lantern.example")
        seen = send(desk.url, "/sources/new", [("address", "http://lantern.example/")])
        answer = send(desk.url, "/sources", fields(seen, "/sources"))
        assert answer.status == 200
        assert "the sources are kept outside" in words(answer) and 'id = "lantern"' in words(answer)
        assert not (desk.folder / "lantern.toml").exists()
        given = {"id": "x", "name": "X", "country": "GB", "language": "en", "homepage": "http://x.example/"}
        refused = desk.house.ask("/api/v1/sources", "POST", given={**given, "feeds": ["http://x.example/f"]})
        assert refused.status == 400 and "kept outside" in refused.json()["detail"]


def test_the_api_looks_and_saves(desk: Desk) -> None:
    desk.town.lantern("lantern.example")
    seen = desk.house.ask("/api/v1/sources/preview", "POST", given={"address": "http://lantern.example/"}).json()
    assert seen["found"][0]["headlines"] == ["Drones over the harbour"]
    assert (seen["known"], seen["cannot_write"]) == (False, "")
    made = desk.house.ask("/api/v1/sources", "POST", given=seen["source"])
    assert (made.status, made.headers["location"]) == (201, "/api/v1/sources/lantern")
    assert desk.house.ask("/api/v1/sources/lantern").json()["toml"] == made.json()["toml"]
    assert desk.house.ask("/api/v1/sources", "POST", given=seen["source"]).status == 409
    assert desk.house.ask("/api/v1/sources?over=true", "POST", given=seen["source"]).status == 201
    wrong = desk.house.ask("/api/v1/sources", "POST", given={**seen["source"], "id": "other", "country": "Singapore"})
    assert wrong.status == 400 and "country: 'Singapore' is not known" in wrong.json()["detail"]


def test_another_website_cannot_add_anything(desk: Desk) -> None:
    for path in ("/sources/new", "/sources", "/sources/import"):
        assert (
            send(desk.url, path, [("address", "http://lantern.example/")], origin="http://evil.example").status == 403
        )
    assert desk.town.outlets.asked == []


# --- where it may ask -------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7", "[::1]", "169.254.169.254", "2130706433", "printer.local"])
def test_an_address_that_is_not_public_is_never_asked(opened: Opened, host: str) -> None:
    with opened(connect_to="") as desk:
        port = desk.town.outlets.port
        answer = send(desk.url, "/sources/new", [("address", f"http://{host}:{port}/")])
        assert answer.status == 400
        given = {"id": "x", "name": "X", "country": "GB", "language": "en", "homepage": "http://x.example/"}
        refused = desk.house.ask("/api/v1/sources", "POST", given={**given, "feeds": [f"http://{host}:{port}/feed"]})
        assert refused.status == 400
        assert desk.town.outlets.asked == []
        assert not (desk.folder / "x.toml").exists()


def test_a_name_that_leads_to_a_private_address_is_not_asked(opened: Opened) -> None:
    with opened(connect_to="", resolver=Names(*["127.0.0.1"] * 99)) as desk:
        answer = send(desk.url, "/sources/new", [("address", f"http://lantern.example:{desk.town.outlets.port}/")])
        assert answer.status == 400 and "not public" in words(answer)
        assert desk.town.outlets.asked == []


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/secret", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_redirect_to_what_is_not_public_is_not_followed(desk: Desk, target: str) -> None:
    goal = target.format(port=desk.town.outlets.port)
    desk.town.outlets.on("lantern.example/", status=302, Location=goal)
    answer = send(desk.url, "/sources/new", [("address", "http://lantern.example/")])
    assert answer.status == 400
    assert not any("secret" in path or "127.0.0.1" in path for path in desk.town.outlets.paths())


def test_a_page_cannot_announce_a_private_feed(desk: Desk) -> None:
    port = desk.town.outlets.port
    announced = HOME.replace("/world.xml", f"http://127.0.0.1:{port}/secret")
    desk.town.outlets.on("lantern.example/", announced, Content_Type="text/html")
    desk.town.outlets.on("lantern.example/robots.txt", f"Sitemap: http://10.0.0.7:{port}/secret.xml\n")
    assert send(desk.url, "/sources/new", [("address", "http://lantern.example/")]).status == 400
    assert not any("secret" in path for path in desk.town.outlets.paths())


def test_a_name_that_turns_private_after_it_was_looked_up_is_not_asked(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the look-up for robots.txt gives a "public" address, those after it a private one."""
    monkeypatch.setattr("crawlers.transport.DNS_KEPT", 0)

    def exempt(crawler: Crawler, town: Town) -> None:
        # 127.0.0.1 stands for a public address here; 127.0.0.2 reaches the same machine and does not.
        monkeypatch.setattr(crawler, "_guard", Guard(exempt=("127.0.0.1", town.outlets.port)))

    names = Names("127.0.0.1", *["127.0.0.2"] * 99)
    with opened(change=exempt, connect_to="", resolver=names) as desk:
        host = f"lantern.example:{desk.town.outlets.port}"
        desk.town.lantern(host)
        desk.town.outlets.on(f"{host}/robots.txt", b"", Connection="close")
        answer = send(desk.url, "/sources/new", [("address", f"http://{host}/")])
        assert answer.status == 400
        assert desk.town.outlets.paths() == [f"{host}/robots.txt"]


# --- OPML -------------------------------------------------------------------------------------

OPML = """<opml version="2.0"><body>
<outline type="rss" text="Gazette" xmlUrl="http://gazette.example/feed" htmlUrl="http://gazette.example/"/>
<outline type="rss" text="Mine" xmlUrl="https://alba.example/feed"/>
<outline type="rss" text="Inside" xmlUrl="http://10.0.0.7/feed"/></body></opml>"""


def test_an_opml_file_is_shown_then_added(desk: Desk) -> None:
    seen = send(desk.url, "/sources/import", [("opml", OPML)])
    said = words(seen)
    assert "1 new source" in said and "alba: there already" in said and "10.0.0.7 is not a public address" in said
    assert not (desk.folder / "gazette.toml").exists()
    done = send(desk.url, "/sources/import", fields(seen, "/sources/import"))
    assert done.status == 303
    assert load_source(desk.folder / "gazette.toml").feeds == ("http://gazette.example/feed",)
    exported = desk.house.ask("/sources/export.opml")
    assert b'xmlUrl="http://gazette.example/feed"' in exported.body
    assert exported.body == desk.house.ask("/api/v1/sources/export").body


def test_the_api_takes_opml(desk: Desk) -> None:
    import http.client
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(str(urlsplit(desk.url).netloc), timeout=30)
    for query, saved in (("", False), ("?save=true", True)):
        connection.request("POST", f"/api/v1/sources/import{query}", OPML, {"content-type": "text/x-opml"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        assert (desk.folder / "gazette.toml").exists() is saved
    connection.close()


def test_what_is_no_opml_is_said_so(desk: Desk) -> None:
    answer = send(desk.url, "/sources/import", [("opml", "<html>")])
    assert answer.status == 400 and "not an OPML file" in words(answer)


def test_hostile_names_are_shown_as_text(desk: Desk) -> None:
    evil = '"><script>alert(1)</script>'
    write_source(replace(SOURCES[0], name=evil), desk.folder)
    one = replace(entry("alba", "evil"), title=evil)
    desk.house.records.commit([filed(article(one))], [], BEGAN)
    nobody = Poll("alba", "https://alba.example/feed", poll("alba", error=evil, failures=1).settle)
    desk.house.records.record_polls([nobody], BEGAN)
    for path in ("/sources", "/sources/alba"):
        assert b"<script>alert" not in desk.house.ask(path).body
