"""What is Elasticsearch's own: indices by month, versions, refusals, blocks, generations. On the shared node."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Away, BadSetting, Corrupt, DiskFull, Trouble
from records.base import Records
from search import elastic_index
from search.base import Differences, Order
from search.elastic_index import ElasticIndex, open_index
from search.elastic_schema import VERSION, Generation
from search.parse import parse
from tests.contract.index_backends import NOON, article, elastic, found, ids_of
from tests.contract.index_truth import file, file_months
from tests.services.elasticsearch import ask, shared_url
from workers.indexer import catch_up, rebuild
from workers.verify import verify


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ElasticIndex]:
    opened = elastic(tmp_path / "index")
    yield opened
    opened.close()


def another(index: ElasticIndex, **options: Any) -> ElasticIndex:
    """The same index as another process sees it."""
    return open_index(shared_url(), index.prefix, **({"replicas": 0, "refresh_seconds": 0} | options))


def told(path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
    return ask(f"{shared_url()}/{path}", body, method)


def indices(index: ElasticIndex) -> list[str]:
    """Names of all its indices, without the prefix."""
    return sorted(name.removeprefix(index.prefix) for name in told(f"{index.prefix}-*"))


def month(number: int) -> datetime:
    return NOON.replace(month=number)


# --- layout ---------------------------------------------------------------------------------


def test_one_index_a_month_behind_one_alias(index: ElasticIndex) -> None:
    index.apply([article(n, "drone", first_seen=month(n)) for n in (1, 2, 12)], [], 1)
    index.apply([article(4, "drone", first_seen=month(2))], [], 2)
    months = [f"-v{VERSION}-g0001-m2026-{number:02}" for number in (1, 2, 12)]
    assert indices(index) == [*months, f"-v{VERSION}-g0001-state"]
    assert sorted(told(f"_alias/{index.prefix}")) == [index.prefix + name for name in months]
    assert list(told(f"_alias/{index.prefix}-live")) == [f"{index.prefix}-v{VERSION}-g0001-state"]


def test_a_month_of_several_shards_gives_the_same_hits_and_scores(index: ElasticIndex, tmp_path: Path) -> None:
    rows = [article(n, f"drone {'swarm ' * (n % 7)}", f"trial {'ends ' * (n % 3)}here") for n in range(40)]
    index.apply(rows, [], 1)
    parted = elastic(tmp_path / "parted", shards=3)
    parted.apply(rows, [], 1)
    assert (shards_of(index), shards_of(parted)) == ({"1"}, {"3"})
    for query in ("swarm", "drone AND ends", "trial -swarm"):
        for order in Order:
            one, other = (made.search(parse(query, now=NOON), limit=100, order=order) for made in (index, parted))
            assert ids_of(one) == ids_of(other) and one.total == other.total > 0
            scores = [[hit.score for _, hits in page.stories for hit in hits] for page in (one, other)]
            assert scores[0] == pytest.approx(scores[1])
    parted.close()


def shards_of(index: ElasticIndex) -> set[str]:
    """Of its months."""
    return {one["settings"]["index"]["number_of_shards"] for one in told(f"{index.prefix}/_settings").values()}


def test_templates_are_versioned_and_mappings_strict(index: ElasticIndex) -> None:
    index.apply([article(1, "drone")], [], 1)
    for kind in ("months", "state"):
        template = told(f"_index_template/{index.prefix}-v{VERSION}-{kind}")["index_templates"][0]["index_template"]
        assert (template["version"], template["allow_auto_create"]) == (VERSION, False)
    (mapping,) = told(f"{index.prefix}/_mapping").values()
    assert mapping["mappings"]["dynamic"] == "strict"
    body = mapping["mappings"]["properties"]["body"]
    assert body == {"type": "text", "analyzer": "whitespace"}  # whole: no keyword beside it, no ignore_above
    (settings,) = told(f"{index.prefix}/_settings?flat_settings=true").values()
    assert settings["settings"]["index.translog.durability"] == "request"


def test_a_body_of_a_megabyte_is_whole(index: ElasticIndex) -> None:
    words = " ".join(f"w{number}" for number in range(140_000))
    assert len(words) > 1_000_000
    index.apply([article(1, "long", f"{words} autonomous weapons {'q' * 40_000} quite at the end")], [], 1)
    for query in ("w0", "w70000", '"w139998 w139999 autonomous weapons"', '"quite at the end"', "body:end"):
        assert found(index, query) == ["a0001"], query
    assert found(index, "w140000") == []


def test_deep_queries_are_taken(index: ElasticIndex) -> None:
    """As deep as the parser lets them be, which is deeper than the server does."""
    index.apply([article(1, "drone navy"), article(2, "drone")], [], 1)
    query = "x49"
    for level in range(48, 0, -1):
        query = f"(x{level} OR {query})" if level % 2 else f"(navy AND {query})"
    assert found(index, query) == []
    assert found(index, query.replace("x49", "drone")) == ["a0001"]
    assert found(index, "-(" * 25 + "navy" + ")" * 25) == ["a0002"]
    assert len(found(index, " OR ".join(f"w{number}" for number in range(499)) + " OR drone")) == 2


def test_paging_deeper_than_a_server_lets_an_offset_reach(index: ElasticIndex) -> None:
    documents = [article(n, "drone", first_seen=NOON + timedelta(minutes=n)) for n in range(12_000)]
    index.apply(documents, [], 1)
    expected = [one.article_id for one in reversed(documents)]
    page = index.search(parse("drone"), limit=5, offset=11_990, order=Order.NEWEST)
    assert (ids_of(page), page.total) == (expected[11_990:11_995], 12_000)
    assert ids_of(index.search(parse("drone"), limit=12_000, order=Order.NEWEST)) == expected
    walk = index.walk(parse("drone"), batch=1000)
    first = next(walk)
    index.apply([article(n, "missile") for n in range(0, 12_000, 7)], ["a0001"], 2)
    assert [hits[0].article_id for _, hits in [first, *walk]] == expected


# --- versions -------------------------------------------------------------------------------


def test_an_older_batch_changes_nothing(index: ElasticIndex) -> None:
    late = another(index)
    index.apply([article(1, "missile"), article(2, "drone")], [], 5)
    late.apply([article(1, "drone")], ["a0002"], 3)
    assert (found(index, "missile"), found(index, "drone"), index.position()) == (["a0001"], ["a0002"], 5)
    index.apply([], ["a0001"], 6)
    late.apply([article(1, "drone")], [], 4)
    assert (found(index, "*"), index.position(), late.position()) == (["a0002"], 6, 6)


def test_a_refused_document_is_told_and_the_rest_goes_in(index: ElasticIndex, caplog: pytest.LogCaptureFixture) -> None:
    endless = "a" * 600  # longer than an id may be
    index.apply([article(1, "drone"), article(2, "drone", article_id=endless), article(3, "drone")], [], 7)
    assert (found(index, "drone"), index.position()) == (["a0001", "a0003"], 7)
    assert list(index.refused) == [endless] and "Validation Failed" in index.refused[endless]
    assert endless in caplog.text


def test_an_article_that_the_mapping_refuses_is_told_and_the_rest_goes_in(index: ElasticIndex) -> None:
    """A month whose mapping somebody changed: titles as one key, which have an end."""
    index.apply([], [], 1)
    odd = {"properties": {"title": {"type": "keyword"}, "title_en": {"type": "keyword"}}}
    told(Generation(1, VERSION, index.prefix).month("2026-05"), {"mappings": odd}, "PUT")
    long = article(2, "word " * 10_000, first_seen=month(5))
    index.apply([article(1, "drone", first_seen=month(5)), long, article(3, "drone", first_seen=month(6))], [], 2)
    assert (sorted(id for id, _ in index.contents()), index.position()) == (["a0001", "a0003"], 2)
    assert list(index.refused) == ["a0002"]
    with pytest.raises(Corrupt, match="wirewatch index rebuild"):
        index.apply([article(n, "word " * 10_000, first_seen=month(5)) for n in range(20)], [], 3)
    assert index.position() == 2


# --- blocks and absence ---------------------------------------------------------------------


@pytest.mark.parametrize("where", ["m*", "state"])
def test_a_full_disk_says_what_to_do_and_costs_nothing(index: ElasticIndex, where: str) -> None:
    """The block that the server sets when its disk is full, set by hand; then lifted."""
    index.apply([article(1, "drone")], [], 1)
    block = {"index.blocks.read_only_allow_delete": True}
    told(f"{index.prefix}-v{VERSION}-g0001-{where}/_settings", block, "PUT")
    with pytest.raises(DiskFull, match="free disk space"):
        index.apply([article(2, "drone")], [], 2)
    assert (index.position(), found(index, "army")) == (1, [])
    told(f"{index.prefix}-v{VERSION}-g0001-{where}/_settings", {"index.blocks.read_only_allow_delete": None}, "PUT")
    index.apply([article(2, "drone")], [], 2)
    assert (index.position(), found(index, "drone")) == (2, ["a0001", "a0002"])


def test_a_block_that_a_person_set_is_called_so(index: ElasticIndex) -> None:
    index.apply([article(1, "drone")], [], 1)
    told(f"{index.prefix}-*/_settings", {"index.blocks.write": True}, "PUT")
    with pytest.raises(Trouble, match="lift the block") as raised:
        index.apply([article(2, "drone")], [], 2)
    assert not isinstance(raised.value, DiskFull)


def test_nobody_there() -> None:
    index = open_index("http://someone:secret@127.0.0.1:9", "nobody")
    for work in (index.position, index.count, index.refresh, lambda: index.apply([], [], 1), lambda: found(index, "*")):
        with pytest.raises(Away, match=r"127\.0\.0\.1:9 does not answer") as raised:
            work()
        assert "secret" not in str(raised.value)


def test_something_else_there() -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>Welcome</p>")

        def log_message(self, *ignored: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index = open_index(f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(Trouble, match="not Elasticsearch"):
            index.position()
        index.close()
        server.shutdown()


@pytest.mark.parametrize("url", ["", "127.0.0.1:9200", "elasticsearch"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BadSetting, match="elasticsearch_url"):
        open_index(url)


def test_reading_only_writes_nothing(index: ElasticIndex) -> None:
    reader = another(index, read_only=True)
    assert (reader.position(), reader.count(), found(reader, "*"), list(reader.contents())) == (0, 0, [], [])
    for work in (lambda: reader.apply([], [], 1), reader.clear):
        with pytest.raises(Trouble, match="reading only"):
            work()
    assert indices(index) == []
    index.apply([article(1, "drone")], [], 1)
    assert found(reader, "drone") == ["a0001"]


def test_an_index_that_somebody_deleted_is_filled_again(index: ElasticIndex, records: Records) -> None:
    file_months(records, 90)
    catch_up(records, index)
    index.layout.delete([index.prefix + name for name in indices(index)])
    assert (index.position(), index.count()) == (0, 0)
    catch_up(records, index)
    assert (verify(records, index), index.count()) == (Differences(), 90)


def test_a_month_that_somebody_deleted_is_told_and_mended(index: ElasticIndex, records: Records) -> None:
    file_months(records, 90)
    catch_up(records, index)
    lost = sorted(told(f"_alias/{index.prefix}"))[1]
    index.layout.delete([lost])
    file(records, range(90, 95), now=datetime(2026, 1, 29, tzinfo=UTC))
    catch_up(records, index)
    differences = verify(records, index)
    assert len(differences.missing) == 30 and not differences.stale + differences.extra + differences.doubled
    rebuild(records, index)
    assert (verify(records, index), index.count()) == (Differences(), 95)


# --- retention ------------------------------------------------------------------------------


def test_dropped_months_stay_away(index: ElasticIndex, records: Records) -> None:
    file_months(records, 90, months=6)
    keeping = another(index, retention_months=2)
    catch_up(records, keeping)
    assert keeping.count() == 90
    newest = max(document.first_seen for document in every(records))
    dropped = ["2025-09", "2025-10", "2025-11", "2025-12"]  # the two whole months before this one stay
    assert keeping.expire(newest) == dropped
    kept = [one for one in every(records) if keeping.keeps(one)]
    assert 0 < keeping.count() == len(kept) < 90
    file(records, range(90), "Another text.")  # every article changes, the old ones too
    catch_up(records, keeping)
    assert (keeping.count(), verify(records, keeping)) == (len(kept), Differences())
    rebuild(records, keeping)
    assert (keeping.count(), verify(records, keeping)) == (len(kept), Differences())
    assert another(index).keeps(kept[0]) and keeping.expire(newest) == []


def every(records: Records) -> list[Any]:
    return records.documents([view.article.id for view in records.articles("", 1000)])


# --- generations ----------------------------------------------------------------------------


def test_a_migration_serves_all_the_while(index: ElasticIndex, records: Records) -> None:
    """Searches go on, the old generation is written, and nobody ever sees less than was there."""
    file_months(records, 300)
    catch_up(records, index)
    writer, failures, done, looks = another(index), [], threading.Event(), []

    def look() -> None:
        reader = another(index, read_only=True)
        try:
            while not done.is_set():
                page = reader.search(parse("*"), limit=1000)
                looks.append(page.total)
                assert page.total == len(ids_of(page)) >= 300
        except BaseException as error:
            failures.append(error)
        reader.close()

    reading = threading.Thread(target=look)
    reading.start()
    with index.anew() as fresh:
        catch_up(records, fresh)
        file(records, range(300, 400))
        catch_up(records, writer)
        assert (writer.count(), fresh.count()) == (400, 300)
        fresh.apply([], [], fresh.position())
    assert writer.position() == index.position() < records.totals().last_change
    catch_up(records, writer)
    done.set()
    reading.join()
    assert not failures and len(looks) > 3
    assert (verify(records, index), writer.count()) == (Differences(), 400)
    assert all("-g0002-" in name for name in indices(index))


def test_who_still_writes_the_old_generation_is_told(index: ElasticIndex) -> None:
    index.apply([article(1, "drone")], [], 1)
    old = Generation(1, VERSION, index.prefix)
    index.clear()
    index.layout.create(old.month("2026-01"))  # as a writer does that does not know yet
    with pytest.raises(Away, match="replaced by another process"):
        index.layout.show(old, [old.month("2026-01")])
    assert found(index, "*") == []


def test_an_older_version_serves_until_it_is_migrated(
    index: ElasticIndex, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_months(records, 30)
    catch_up(records, index)
    newer = VERSION + 1
    for module in ("elastic_index", "elastic_schema", "elastic_layout"):
        monkeypatch.setattr(f"search.{module}.VERSION", newer)
    assert index.outdated and index.count() == 30 and len(found(index, "drone")) == 30
    with pytest.raises(Trouble, match="wirewatch index migrate"):
        index.apply([article(1, "drone")], [], 10_000)
    rebuild(records, index)
    assert not index.outdated and verify(records, index) == Differences()
    assert all(name.startswith(f"-v{newer}-g0002-") for name in indices(index))
    monkeypatch.undo()
    with pytest.raises(Trouble, match=f"of version {newer}"):  # a process of the older release
        index.apply([article(1, "drone")], [], 10_000)


def test_what_a_killed_rebuild_left_goes_with_the_next(index: ElasticIndex) -> None:
    index.apply([article(1, "drone")], [], 1)
    left = index.anew()
    left.__enter__().apply([article(2, "drone")], [], 1)
    assert any("-g0002-" in name for name in indices(index)) and found(index, "drone") == ["a0001"]
    with index.anew() as fresh:
        fresh.apply([article(3, "drone")], [], 1)
    assert found(index, "drone") == ["a0003"]
    assert all("-g0003-" in name for name in indices(index))


def test_a_month_made_by_a_writer_that_died_is_shown_by_the_next(index: ElasticIndex) -> None:
    """Killed between making the index and showing it."""
    index.apply([article(1, "drone")], [], 1)
    index.layout.create(Generation(1, VERSION, index.prefix).month("2026-03"))
    later = another(index)
    later.apply([article(2, "drone", first_seen=month(3))], [], 2)
    assert sorted(found(index, "drone")) == ["a0001", "a0002"]


def test_what_was_applied_shows_by_itself(index: ElasticIndex) -> None:
    """With the production setting: within its seconds, and at once when asked for."""
    slow = another(index, refresh_seconds=1.0)
    slow.apply([article(1, "drone")], [], 1)
    slow.refresh()
    assert found(slow, "drone") == ["a0001"]
    slow.apply([article(2, "drone")], [], 2)
    wait = threading.Event()
    for _ in range(50):
        if len(found(slow, "drone")) == 2:
            break
        wait.wait(0.1)
    assert len(found(slow, "drone")) == 2


def test_removing(index: ElasticIndex) -> None:
    index.apply([article(1, "drone")], [], 1)
    elastic_index.remove_index(shared_url(), index.prefix)
    elastic_index.remove_index(shared_url(), index.prefix)
    assert indices(index) == []
    assert not [one for one in told("_index_template")["index_templates"] if one["name"].startswith(index.prefix)]
    assert (index.position(), found(index, "*")) == (0, [])
