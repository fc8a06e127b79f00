"""`wirewatch web` as a process: beside a run that fills the same archive, and only for those whom it may answer."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.integration.outlets import Served, serving
from tests.integration.test_web_stream import listening
from tests.integration.web_house import ask

QUERY = "anthropic OR pentagon OR drones"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen", only=("harbour-courier", "capitol-ledger")) as one:
        yield one


@contextmanager
def web(served: Served, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address; it must end well when it is asked to."""
    process = served.start(data, "web", "--port", "0")
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert "Wirewatch answers at http://127.0.0.1:" in said, said + process.stdout.read()
        yield process, said.split()[3]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, process.stdout.read()
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def test_what_a_run_files_comes_through_a_feed_and_a_stream_of_another_process(served: Served, tmp_path: Path) -> None:
    served.wirewatch(tmp_path, "run", "--once", "--quiet", "--only", "harbour-courier")
    with web(served, tmp_path) as (_, url):
        given = {"name": "ours", "query": QUERY, "mode": "every"}
        assert ask(url, "/api/v1/subscriptions", "POST", given=given).status == 201
        made = ask(url, "/api/v1/subscriptions/ours/outputs", "POST", given={"kind": "link"}).json()
        links = made["addresses"]
        assert ask(url, links["json"]).json()["items"] == [], "what was there before is not told"
        before = ask(url, "/api/v1/search?q=*").json()["total"]
        with listening(url, links["stream"]) as reader:
            served.wirewatch(tmp_path, "run", "--once", "--quiet", "--only", "capitol-ledger")
            title = reader.title()
        items = ask(url, links["json"] + "?order=oldest").json()["items"]
        assert items[0]["title"] == title
        told = {one["_wirewatch"]["story"]["id"] for one in items}
        after = ask(url, f"/api/v1/search?q={QUERY.replace(' ', '%20')}&limit=1000").json()
        assert told <= {one["id"] for one in after["stories"]}
        assert ask(url, "/api/v1/search?q=*").json()["total"] > before, "the index that another process writes is seen"


def test_it_ends_while_somebody_still_listens(served: Served, tmp_path: Path) -> None:
    served.wirewatch(tmp_path, "run", "--once", "--quiet", "--only", "harbour-courier")
    with web(served, tmp_path) as (process, url):
        ask(url, "/api/v1/subscriptions", "POST", given={"name": "ours", "query": QUERY})
        made = ask(url, "/api/v1/subscriptions/ours/outputs", "POST", given={"kind": "link"}).json()
        with listening(url, made["addresses"]["stream"]) as reader:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert reader.answer.read() == b""
    with closing(sqlite3.connect(tmp_path / "records.db")) as records:
        assert records.execute("SELECT count(*) FROM outputs").fetchone() == (1,)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"web_host": "0.0.0.0"}, "web_host lets others than this machine in"),
        ({"public_url": "https://wire.example/"}, "public_url lets others than this machine in"),
        ({"web_host": "0.0.0.0"}, "`wirewatch people add NAME --role admin`"),
        ({"admin_name": "ada"}, "admin_name and admin_password belong together"),
        ({"admin_name": "ada", "admin_password": "short"}, "admin_name and admin_password make no account"),
        ({"oidc_issuer": "http://id.example"}, "oidc_issuer = "),
        ({"oidc_issuer": "https://id.example"}, "oidc_client_id"),
        ({"public_url": "wire.example"}, "public_url = … is not right"),
        ({"api_token": "short"}, "api_token = … is not right"),
        ({"web_host": "192.0.2.1", "api_token": "correct-horse-battery"}, "cannot be served"),
    ],
)
def test_a_start_that_would_open_the_api_is_refused(tmp_path: Path, setting: dict[str, str], words: str) -> None:
    with serving(tmp_path / "config", "--frozen", only=("harbour-courier",)) as served:
        lines = [f'{key} = "{value}"' for key, value in setting.items()]
        served.config.write_text("\n".join([*lines, served.config.read_text("utf8")]), encoding="utf8")
        data = tmp_path / "data"
        data.mkdir()
        sqlite3.connect(data / "records.db").close()
        output = served.wirewatch(data, "web", "--port", "0", code=2)
        assert words in output and "short" not in output and "Traceback" not in output


def test_an_admin_opens_it_whoever_made_the_account(served: Served, tmp_path: Path) -> None:
    settings = served.config.read_text("utf8")
    secret = "a-long-secret-phrase"
    try:
        more = f'web_host = "0.0.0.0"\nadmin_name = "ada"\nadmin_password = "{secret}"\n'
        served.config.write_text(more + settings, encoding="utf8")
        for _ in range(2):  # the second start finds the account
            with web(served, tmp_path) as (process, url):
                assert ask(url, "/api/v1/me").status == 401
            assert process.stdout is not None
        listed = served.wirewatch(tmp_path, "people", "list", "--json")
        assert '"name": "ada", "role": "admin"' in listed and "argon2" not in listed
        assert served.wirewatch(tmp_path, "audit").count("settings: account made ada") == 1
        served.config.write_text(f'web_host = "0.0.0.0"\n{settings}', encoding="utf8")
        with web(served, tmp_path) as (_, url):
            assert ask(url, "/api/v1/me").status == 401
        served.wirewatch(tmp_path, "people", "remove", "ada", code=2)
    finally:
        served.config.write_text(settings, encoding="utf8")
