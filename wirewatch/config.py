"""Settings: `wirewatch.toml` and environment variables of the same names, read once.

The only reader of the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import BadSetting

PREFIX = "WIREWATCH_"


class Settings(BaseSettings):
    """All settings, frozen. A key stands in wirewatch.toml or, in upper case after WIREWATCH_, in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(default_factory=lambda: user_data_path("wirewatch"), description="Folder of the archive.")
    user_agent: str = Field(
        default="Wirewatch/0.1 (news monitor)",
        min_length=3,
        description="How we name ourselves to outlets. Put an address at which they can reach you.",
    )
    concurrency: int = Field(default=32, ge=1, le=512, description="Addresses fetched at the same time, in all.")
    per_host: int = Field(default=2, ge=1, le=16, description="Connections to one host at the same time.")
    delay: float = Field(default=1.0, ge=0, le=300, description="Seconds between two requests to one host, at least.")
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds a fetch may take in all.")
    max_page_mb: float = Field(default=10.0, gt=0, le=100, description="Largest page that is fetched, in megabytes.")
    max_feed_mb: float = Field(
        default=30.0, gt=0, le=100, description="Largest feed or sitemap that is fetched, in megabytes."
    )
    allow_private: bool = Field(
        default=False,
        description="Also fetch from, and send alerts to, private and loopback addresses (an intranet, tests).",
    )
    connect_to: str = Field(
        default="",
        pattern=r"^(127\.0\.0\.1:\d{1,5})?$",
        description="Send every connection to this loopback address, in plain HTTP, as curl's --connect-to does.",
    )
    alert_timeout: float = Field(
        default=20.0, gt=0, le=120, description="Seconds that a receiver of alerts may take to answer."
    )
    workers: int = Field(
        default_factory=lambda: max(1, min(8, os.cpu_count() or 1)),
        ge=1,
        le=128,
        description="Processes that read pages and feeds.",
    )
    headline_after: float = Field(
        default=60.0, ge=0, description="Seconds after which a story whose page has not come is shown by its headline."
    )
    window_days: int = Field(
        default=30, ge=1, le=365, description="Days back in which copies of a story are looked for."
    )
    only: tuple[str, ...] = Field(default=(), description="Ids of the sources to collect from; empty for all.")
    shipped_sources: bool = Field(default=True, description="Use the sources that come with Wirewatch.")
    taxonomy: tuple[Path, ...] = Field(
        default=(), description="Taxonomy files or folders of your own, added to the shipped one."
    )
    names: bool = Field(default=True, description="Also tag names that are not in the taxonomy (English texts).")

    database_url: str = Field(
        default="",
        pattern=r"^(postgresql://.+)?$",
        description="PostgreSQL that holds the records; empty for SQLite in the archive's folder.",
    )
    elasticsearch_url: str = Field(
        default="",
        pattern=r"^(https?://.+)?$",
        description="Elasticsearch that holds the index; empty for tantivy in the archive's folder.",
    )
    elasticsearch_prefix: str = Field(
        default="wirewatch",
        pattern=r"^[a-z][a-z0-9-]{0,40}$",
        description="What the names of our Elasticsearch indices begin with.",
    )
    elasticsearch_shards: int = Field(
        default=1, ge=1, le=64, description="Shards of a month's index, from the next rebuild on; see docs/scale.md."
    )
    elasticsearch_replicas: int = Field(
        default=0, ge=0, le=5, description="Replicas of each Elasticsearch index; 1 or more with several nodes."
    )
    retention_months: int = Field(
        default=0, ge=0, le=1200, description="Months of coverage that Elasticsearch keeps searchable; 0 for all."
    )
    redis_url: str = Field(
        default="",
        pattern=r"^(rediss?://.+)?$",
        description="Redis that carries the queues of `wirewatch serve`.",
    )
    crawlers: int = Field(
        default=1, ge=1, le=256, description="How many crawlers share the outlets; each host belongs to one of them."
    )
    crawler: int = Field(default=0, ge=0, le=255, description="Which of the crawlers this one is, counted from 0.")
    lease_minutes: float = Field(
        default=15.0, gt=0, le=1440, description="Minutes after which an address that a crawler took is due again."
    )
    resend_minutes: float = Field(
        default=10.0, gt=0, le=1440, description="Minutes after which a fetched page whose message was lost is read."
    )
    queue_bound: int = Field(
        default=2000, ge=10, le=1_000_000, description="Pages between crawler and desk at which the crawler waits."
    )
    ops_host: str = Field(default="127.0.0.1", description="Address at which a service answers /healthz and /metrics.")
    ops_port: int = Field(default=9108, ge=0, le=65535, description="Port for the same; 0 for any free one.")
    log: Literal["text", "json"] = Field(default="text", description="How `wirewatch serve` writes its log.")
    web_host: str = Field(
        default="127.0.0.1",
        description="Address at which `wirewatch web` answers; any but loopback needs an admin's account or api_token.",
    )
    web_port: int = Field(default=8080, ge=0, le=65535, description="Port for the same; 0 for any free one.")
    web_processes: int = Field(
        default_factory=lambda: max(1, min(4, os.cpu_count() or 1)),
        ge=1,
        le=64,
        description="Processes that answer for the web; each takes 150 MB and more.",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$",
        description="What the addresses of feeds begin with; empty for http://, web_host and web_port.",
    )
    api_token: str = Field(
        default="",
        pattern=r"^([\x21-\x7e]{16,})?$",
        description="A key of the API for what has no account, with the role admin: `Authorization: Bearer …`.",
    )
    admin_name: str = Field(
        default="", max_length=80, description="Name of the first account, made at the start when there is none."
    )
    admin_password: str = Field(default="", max_length=500, description="Password of that account.")
    trusted_proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses or networks of proxies in front of `wirewatch web`, whose X-Forwarded-For is believed.",
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://\S+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)?$",
        description="OpenID provider at which people may sign in (its issuer identifier, https); see docs/people.md.",
    )
    oidc_client_id: str = Field(default="", description="What Wirewatch is called there.")
    oidc_client_secret: str = Field(default="", description="Its secret there; empty for a public client.")
    oidc_role: Literal["none", "reader", "editor", "admin"] = Field(
        default="none", description="Role of who comes from there for the first time; none: an admin makes accounts."
    )
    oidc_claim: str = Field(
        default="", description="Claim whose values reader, editor or admin set the role at each sign-in there."
    )
    api_rate: int = Field(
        default=600, ge=0, description="Requests of the API that each caller may make a minute; 0 for any number."
    )
    demo: str = Field(
        default="",
        pattern=r"^(127\.0\.0\.1:\d{1,5})?$",
        description="Collect from the demo's invented outlets, served at this loopback address, and from no others.",
    )

    @property
    def sources_folder(self) -> Path:
        """Where sources of the user's own are kept: beside wirewatch.toml."""
        return self._config_folder / "sources"

    _config_folder: Path = Path()


def config_path(given: Path | None = None) -> Path:
    """The configuration file: the one given, that of WIREWATCH_CONFIG, or where the platform keeps it."""
    return given or Path(os.environ.get("WIREWATCH_CONFIG") or user_config_path("wirewatch") / "wirewatch.toml")


def variable(name: str) -> str:
    """What an environment variable that a watch file names holds. Raise BadSetting when it is not set."""
    try:
        return os.environ[name]
    except KeyError:
        raise BadSetting(f"the environment variable {name}, which the watch file names, is not set") from None


def load(config: Path | None = None, **given: Any) -> Settings:
    """Read file and environment; `given` (from the command line) wins, then the environment, then the file.

    Raise BadSetting naming the key and what would be right.
    """
    path = config_path(config)
    values = _read(path, required=config is not None)
    known = set(Settings.model_fields)
    for key in os.environ:
        if key.startswith(PREFIX) and key not in (PREFIX + "CONFIG", PREFIX + "SHARED"):
            name = key.removeprefix(PREFIX).lower()
            _check_known(name.removesuffix("_file"), known, f"environment variable {key}")
    for key in values:
        _check_known(key, known, f"{path}, line {_line(path, key)}")
    from_environment = {name for name in known if PREFIX + name.upper() in os.environ}
    file_values = {key: value for key, value in values.items() if key not in from_environment}
    chosen = {key: value for key, value in given.items() if value is not None}
    try:
        settings = Settings(**{**file_values, **_secrets(known), **chosen})
    except ValidationError as error:
        raise BadSetting("; ".join(_words(one, path, file_values) for one in error.errors())) from None
    settings._config_folder = path.parent
    return settings


def _read(path: Path, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        if required:
            raise BadSetting(f"there is no configuration file at {path}") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} is not valid TOML: {error}") from None


def _secrets(known: set[str]) -> dict[str, str]:
    """Settings whose value stands in a file that WIREWATCH_…_FILE names, as container secrets do."""
    found: dict[str, str] = {}
    for name in known:
        variable = f"{PREFIX}{name.upper()}_FILE"
        if variable not in os.environ:
            continue
        if PREFIX + name.upper() in os.environ:
            raise BadSetting(f"{variable} and {PREFIX}{name.upper()} are both set: keep one of them")
        try:
            found[name] = Path(os.environ[variable]).read_text(encoding="utf8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{variable}: {os.environ[variable]} cannot be read: {error}") from None
    return found


def _check_known(key: str, known: set[str], where: str) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else "see docs/settings.md for the settings there are"
        raise BadSetting(f"{where}: unknown setting '{key}'; {hint}")


def _line(path: Path, key: str) -> int:
    lines = path.read_text(encoding="utf8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.split("=")[0].strip().strip('"') == key), 1)


def _words(error: Any, path: Path, file_values: dict[str, Any]) -> str:
    key = str(error["loc"][0]) if error["loc"] else "?"
    where = f"{path}, line {_line(path, key)}" if key in file_values else f"{PREFIX}{key.upper()} or --{key}"
    secret = key.endswith(("_url", "_token", "_password", "_secret"))  # it may hold a password
    value = "…" if secret else repr(error["input"])
    return f"{where}: {key} = {value} is not right: {error['msg'][0].lower()}{error['msg'][1:]}"
