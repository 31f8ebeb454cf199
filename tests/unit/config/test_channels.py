"""Channels as they are written: what the page shows is right, and mistakes have their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stream_drift.channels.build import build_channel
from stream_drift.config.load import load_settings
from stream_drift.errors import ConfigError

PAGE = Path(__file__).parents[3] / "docs" / "channels.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
MONITOR = """\
monitors:
  hotel:
    reference: r.json
    inputs: [{topic: t, carries: [features]}]
    features: {price: number}
"""
ENVIRON = {"MAIL_USER": "me", "MAIL_PASSWORD": "hunter2"}


def test_the_page_has_an_example_of_every_type() -> None:
    types = set(re.findall(r"type: (\w+)", "".join(EXAMPLES)))
    kinds = {"alertmanager", "pagerduty", "slack", "teams", "jira", "opsgenie", "webhook"}
    assert types == kinds | {"apprise"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_page_can_be_used(example: str, tmp_path: Path) -> None:
    for name in re.findall(r"/run/secrets/([\w-]+)", example):
        (tmp_path / name).write_text("https://example.com/hush" if "url" in name else "hush")
    file = tmp_path / "c.yaml"
    file.write_text(MONITOR + example.replace("/run/secrets/", ""))
    channels = load_settings(file, ENVIRON).channels
    assert len(channels) == example.count("type: ")
    for channel in channels:
        if channel.type != "apprise":  # an optional library
            assert "hush" not in repr(build_channel(channel.type, channel.options, lambda: 0))


def mistakes(tmp_path: Path, channels: str) -> list[str]:
    file = tmp_path / "c.yaml"
    file.write_text(MONITOR + "channels:\n" + channels)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    return str(caught.value).replace(f"{file.parent}/", "").splitlines()


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("  - {type: slak, url: x}", "c.yaml:7:12: channels[0].type"),
        ("  - {type: webhook, url: 'http://h', sekret: hunter2}", "did you mean 'secret'?"),
        ("  - {type: webhook, url: 'http://h', sekret: hunter2}", "c.yaml:7:46:"),
        ("  - {type: teams}", "a channel of type teams needs url"),
        ("  - {type: slack, token: hunter2}", "needs url, or token and channel"),
        ("  - {type: teams, url: 'http://h', key: hunter2}", "has no use for 'key'"),
        ("  - {type: webhook, url: 'ftp://hunter2'}", "must begin with http:// or https://"),
        ("  - {type: teams, url: 'http://h', at_least: bad}", "c.yaml:7:46: channels[0].at_least"),
        ("  - {type: teams, url: 'http://h', url_file: gone}", "c.yaml:7:"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, channel: str, expected: str) -> None:
    text = "\n".join(mistakes(tmp_path, channel))
    assert expected in text
    assert re.match(r"c\.yaml:7:\d+: channels\[0\]", text)
    assert "hunter2" not in text


def test_two_channels_of_one_name_are_told(tmp_path: Path) -> None:
    one = "  - {type: teams, url: 'http://h'}\n"
    assert "c.yaml:8:5: channels[1]" in mistakes(tmp_path, one + one)[0]
