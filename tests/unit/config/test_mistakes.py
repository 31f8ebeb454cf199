"""Broken configurations, each with the exact text that its author reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_drift.config.load import load_settings
from stream_drift.errors import ConfigError

GOLDEN = Path(__file__).parents[2] / "golden" / "config"
BROKEN = sorted(path.stem for path in GOLDEN.glob("*.txt"))
ENVIRON = {"FOLDER": "references", "PANE": "often"}


def mistakes_in(file: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, environ or {})
    return str(caught.value).replace(f"{file.parent}/", "")


@pytest.mark.parametrize("name", BROKEN)
def test_every_mistake_is_told_with_its_place(name: str) -> None:
    expected = (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert mistakes_in(GOLDEN / f"{name}.yaml", ENVIRON) + "\n" == expected


@pytest.mark.parametrize("name", BROKEN)
def test_no_message_holds_a_secret(name: str) -> None:
    assert "hunter2" not in mistakes_in(GOLDEN / f"{name}.yaml", ENVIRON)


def test_there_is_a_golden_text_for_each_broken_file() -> None:
    files = {path.stem for path in GOLDEN.glob("*.yaml")} - {"contract"}
    assert files == set(BROKEN)
    assert len(files) > 10


def test_a_rule_is_silent_about_what_is_broken_anyway(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "monitors:\n"
        "  hotel:\n"
        "    reference: r.json\n"
        "    windows: [often]\n"
        "    inputs: [{topic: t, carries: [features]}]\n"
        "    features: {price: numbr}\n"
        "    detection:\n"
        "      thresholds: [{score: psi, of: price, above: 1, window: 2h}]\n"
    )
    lines = mistakes_in(file).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["c.yaml:4:15:", "c.yaml:6:23:", "2"]


def test_a_file_that_is_not_there_is_told_with_the_way_to_a_first_one(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path / "c.yaml") == (
        "c.yaml cannot be read: No such file or directory; stream-drift init writes a first one"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"name: caf\xe9\n", "c.yaml: this is no UTF-8 text (byte 9)"),
        (b"name: a\nkafka: \x07\n", "c.yaml:2:1: this is no valid YAML: a control character"),
        (b"a: 1\n---\nb: 2\n", "c.yaml:2:1: this is no valid YAML: but found another document"),
        (b"a: " + b"[" * 600 + b"]" * 600, "c.yaml:1:1: this is nested too deeply"),
    ],
)
def test_a_file_that_is_no_yaml_is_told_so(tmp_path: Path, content: bytes, text: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(content)
    assert mistakes_in(file).splitlines()[0] == text


def test_more_monitors_on_a_topic_than_offset_metadata_holds_are_refused(tmp_path: Path) -> None:
    part = "{reference: r.json, features: {x: number}, inputs: [{topic: t, carries: [features]}]}"
    text = "monitors:\n" + "".join(f"  m{i}: {part}\n" for i in range(129))
    file = tmp_path / "c.yaml"
    file.write_text(text)
    assert mistakes_in(file).splitlines()[0] == (
        "c.yaml:1:1: monitors: 129 monitors read the topic 't', and the 4096 bytes that Kafka "
        "keeps beside an offset hold 128: split the topic"
    )
    file.write_text(text.replace("  m128:", "  # m128:"))
    assert len(load_settings(file, {}).monitors) == 128
