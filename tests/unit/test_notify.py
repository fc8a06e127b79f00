"""Messages to chats: what a headline says calls nobody."""

from __future__ import annotations

import pytest

from workers.alerts.notify import calling_nobody


@pytest.mark.parametrize(
    ("headline", "call"),
    [
        ("Buy now @everyone", "@everyone"),
        ("@here and @Channel", "@here"),
        ("all: (@all)", "@all"),
        ("Matrix @room", "@room"),
        ("Zulip @**all**", "@**"),
        ("Slack <!channel> <!here|here>", "<!channel>"),
        ("Slack <@U024BE7LH>", "<@U024BE7LH>"),
        ("Discord <@&165511591545143296> <#103735883630395392>", "<@&"),
    ],
)
def test_a_call_becomes_text(headline: str, call: str) -> None:
    told = calling_nobody(headline)
    assert call not in told and told.replace("\u2060", "") == headline


@pytest.mark.parametrize(
    "text", ["mail desk@here.example", "<!DOCTYPE html><!-- x --><p>", "ministers @ the summit", "a < b", "@hereford"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert calling_nobody(text) == text
