"""What is tantivy's own: files on disk, locks, other processes, and what happens when they go wrong."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import AlreadyRunning, Corrupt, Trouble
from search.base import Page
from search.parse import parse
from search.tantivy_index import TantivyIndex, open_index, remove_index
from search.tantivy_schema import VERSION
from tests.contract.index_backends import article, found, ids_of, made_articles

ROOT = Path(__file__).parents[2]


def filled(path: Path, batches: int = 2) -> TantivyIndex:
    """An index of a few articles, closed."""
    index = open_index(path)
    for batch in range(batches):
        index.apply(made_articles(40, seed=batch), [], batch + 1)
    index.close()
    return index


# --- other processes ------------------------------------------------------------------------


def test_a_reader_sees_each_commit(tmp_path: Path) -> None:
    reader = open_index(tmp_path / "index", read_only=True)
    assert (reader.position(), reader.count(), reader.search(parse("drone"))) == (0, 0, Page((), 0, of=0))
    assert not (tmp_path / "index").exists()
    writer = open_index(tmp_path / "index")
    for position in (1, 2, 3):
        writer.apply([article(position, "drone")], [], position)
        assert (reader.position(), reader.count()) == (position, position)
    with pytest.raises(Trouble, match="reading only"):
        reader.apply([], [], 4)
    writer.close()


def test_a_second_writer_is_told_so_and_may_read(tmp_path: Path) -> None:
    first, second = open_index(tmp_path / "index"), open_index(tmp_path / "index")
    first.apply([article(1, "drone")], [], 1)
    assert found(second, "drone") == ["a0001"]
    with pytest.raises(AlreadyRunning, match="another process is writing"):
        second.apply([article(2, "drone")], [], 2)
    first.close()
    second.apply([article(2, "drone")], [], 2)
    assert first.position() == 2
    second.close()


CHILD = """
    import resource, signal, sys
    from pathlib import Path
    from pipeline.errors import DiskFull
    from search.tantivy_index import open_index
    from tests.contract.index_backends import article

    def batch(position):
        text = "drone " * 30 + " ".join(f"w{position}x{n}" for n in range(200))
        return [article(number, f"batch {position}", text) for number in range(position * 20, position * 20 + 20)]
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    script = textwrap.dedent(CHILD) + textwrap.dedent(code)
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("run", range(3))
def test_kill_at_any_point_keeps_position_and_contents_together(tmp_path: Path, run: int) -> None:
    """Killed while applying, and again: what the position covers is there, whole, and nothing else is."""
    code = """
        index = open_index(Path(sys.argv[1]))
        for position in range(index.position() + 1, 100_000):
            deletes = [f"a{number:04}" for number in range(position * 20 - 60, position * 20 - 50)]
            index.apply(batch(position), deletes, position)
            print(position, flush=True)
    """
    covered = 0
    for _ in range(3):
        process = child(code, str(tmp_path / "index"))
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(3)]
        time.sleep(random.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.communicate()[0].split()]
        index = open_index(tmp_path / "index")
        position = index.position()
        assert position >= told[-1] > covered  # what was told to be applied is applied
        assert told[0] == covered + 1  # and the next run went on from there
        there = set(ids_of(index.search(parse("drone"), limit=1_000_000)))
        written = {number for batch in range(1, position + 1) for number in range(batch * 20, batch * 20 + 20)}
        deleted = {number for batch in range(1, position + 1) for number in range(batch * 20 - 60, batch * 20 - 50)}
        assert there == {f"a{number:04}" for number in written - deleted}
        assert index.count() == len(there)
        index.close()
        covered = position


def test_a_lock_file_left_behind_does_not_count(tmp_path: Path) -> None:
    filled(tmp_path / "index")
    (tmp_path / "index" / ".tantivy-writer.lock").write_text("")
    (tmp_path / "index" / ".tantivy-meta.lock").write_text("")
    index = open_index(tmp_path / "index")
    index.apply([], [], 9)
    assert index.position() == 9
    index.close()


# --- the disk -------------------------------------------------------------------------------


def test_no_room_left(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk; with room again, the batch goes in."""
    process = child(
        """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        index = open_index(Path(sys.argv[1]))
        index.apply(batch(1), [], 1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, resource.RLIM_INFINITY))
        try:
            index.apply(batch(2), [], 2)
        except DiskFull as error:
            kept = error  # with its trace, as a log may keep it
            print(kept)
        print(index.position(), index.count())
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        index.apply(batch(2), [], 2)
        print(index.position(), index.count())
        index.close()
        """,
        str(tmp_path / "index"),
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    message, before, after = out.splitlines()
    assert "no room left for the index" in message
    assert (before, after) == ("1 20", "2 40")


def size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir())


def test_writing_the_same_over_and_over_does_not_grow_the_disk(tmp_path: Path) -> None:
    index = open_index(tmp_path / "index")
    documents = made_articles(300)
    sizes = []
    for round_ in range(60):
        index.apply(documents, [], round_)
        sizes.append(size(tmp_path / "index"))
    index.close()
    assert max(sizes[30:]) <= 1.5 * max(sizes[:30])
    assert (index.count(), len(list((tmp_path / "index").iterdir())) < 150) == (300, True)


def clobber(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [clobber, Path.unlink])
@pytest.mark.parametrize("kind", ["meta.json", "*.idx", "*.term", "*.store", "*.fast", "*.fieldnorm", "*.pos"])
def test_a_broken_index_says_how_to_recover(tmp_path: Path, kind: str, harm: Callable[[Path], None]) -> None:
    path = tmp_path / "index"
    filled(path)
    harm(next(path.glob(kind)))
    if kind == "meta.json" and harm is Path.unlink:  # nothing is left to say that there was an index
        assert open_index(path).position() == 0
        return
    with pytest.raises(Corrupt, match="wirewatch index rebuild"):
        open_index(path).search(parse('"drone missile"'))
    remove_index(path)
    anew = open_index(path)
    assert (anew.position(), anew.count()) == (0, 0)
    anew.close()


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    remove_index(tmp_path / "index")
    assert not list(tmp_path.iterdir())


def test_an_index_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the directory should be")
    with pytest.raises(Trouble):
        open_index(tmp_path / "index")


@pytest.mark.parametrize("version", [f"{VERSION - 1}\n", f"{VERSION + 1}\n", "", "x"])
def test_another_version_is_built_anew(tmp_path: Path, version: str) -> None:
    path = tmp_path / "index"
    assert not filled(path).rebuilt
    (path / "wirewatch-index").write_text(version)
    with pytest.raises(Corrupt, match=r"another version.*wirewatch index rebuild"):
        open_index(path, read_only=True)
    index = open_index(path)
    assert (index.rebuilt, index.position(), index.count()) == (True, 0, 0)
    index.apply([article(1, "drone")], [], 1)
    index.close()
    assert found(open_index(path), "drone") == ["a0001"]


def test_relative_times_are_to_be_resolved_first(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="resolve"):
        open_index(tmp_path / "index").search(parse("seen:P1D"))
