"""Settings: one reader, and clear words for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadSetting
from wirewatch.config import Settings, load


def write(folder: Path, text: str) -> Path:
    path = folder / "wirewatch.toml"
    path.write_text(text, encoding="utf8")
    return path


def test_the_command_line_beats_the_environment_which_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "delay = 2.5\ntimeout = 7\nworkers = 3\n")
    monkeypatch.setenv("WIREWATCH_TIMEOUT", "8")
    monkeypatch.setenv("WIREWATCH_WORKERS", "4")
    settings = load(path, workers=5, data=None)
    assert (settings.delay, settings.timeout, settings.workers) == (2.5, 8, 5)
    assert settings.sources_folder == tmp_path / "sources"


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    path = write(tmp_path, "delay = 1\n\ntime_out = 5\n")
    with pytest.raises(
        BadSetting, match=r"wirewatch.toml, line 3: unknown setting 'time_out'; did you mean 'timeout'\?"
    ):
        load(path)


def test_an_unknown_environment_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DELAI", "3")
    with pytest.raises(BadSetting, match=r"WIREWATCH_DELAI: unknown setting 'delai'; did you mean 'delay'"):
        load(write(tmp_path, ""))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("delay = -1", "delay = -1 is not right: input should be greater than or equal to 0"),
        ("workers = 0", "workers = 0 is not right"),
        ('delay = "soon"', "valid number"),
        ('connect_to = "10.0.0.1:80"', "connect_to"),
        ("delay = ", "not valid TOML"),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_right(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(BadSetting) as raised:
        load(write(tmp_path, line))
    assert words in str(raised.value)
    assert "wirewatch.toml" in str(raised.value)


def test_a_bad_environment_value_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DELAY", "x")
    with pytest.raises(BadSetting, match="WIREWATCH_DELAY"):
        load(write(tmp_path, ""))


def test_a_configuration_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="no configuration file at"):
        load(tmp_path / "absent.toml")


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(write(tmp_path, ""))
    with pytest.raises(ValueError, match="frozen"):
        settings.delay = 3  # type: ignore[misc]


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://w:sesame@db/w\n")
    monkeypatch.setenv("WIREWATCH_DATABASE_URL_FILE", str(secret))
    assert load(write(tmp_path, "")).database_url == "postgresql://w:sesame@db/w"
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", "postgresql://other/w")
    with pytest.raises(BadSetting, match="are both set"):
        load(write(tmp_path, ""))
    monkeypatch.delenv("WIREWATCH_DATABASE_URL")
    monkeypatch.setenv("WIREWATCH_DATABASE_URL_FILE", str(tmp_path / "absent"))
    with pytest.raises(BadSetting, match=r"WIREWATCH_DATABASE_URL_FILE: .*absent cannot be read"):
        load(write(tmp_path, ""))


def test_a_bad_address_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="database_url") as raised:
        load(write(tmp_path, 'database_url = "mysql://w:sesame@db/w"'))
    assert "sesame" not in str(raised.value)


def test_every_setting_is_documented_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf8")
    for name, field in Settings.model_fields.items():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), None)
        assert row is not None, f"docs/settings.md does not tell of {name}"
        assert field.description and field.description in row
