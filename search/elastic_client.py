"""The connections to an Elasticsearch cluster, and what the cluster is called in messages."""

from __future__ import annotations

from urllib.parse import urlsplit

from elasticsearch import Elasticsearch

from pipeline.errors import BadSetting

TIMEOUT = 30.0  # seconds for one request


def connected(url: str) -> tuple[str, Elasticsearch]:
    """What to call the cluster at `url` in messages (no password), and a client of it. Nothing is sent yet.

    Raise BadSetting for an address that is none.
    """
    hosts = [part.strip() for part in url.split(",") if part.strip()]
    shown = ", ".join(host.replace(f"{urlsplit(host).netloc.rpartition('@')[0]}@", "") for host in hosts)
    try:
        # Every request may come twice here, so what one node does not answer is asked of another at once.
        client = Elasticsearch(hosts, request_timeout=TIMEOUT, max_retries=2, retry_on_timeout=True, retry_on_status=())
    except ValueError as error:
        raise BadSetting(f"elasticsearch_url {shown!r}: {error}; right would be http://127.0.0.1:9200") from error
    return shown, client
