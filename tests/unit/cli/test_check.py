"""``stream-drift check``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from confluent_kafka import Producer
from jsonschema import Draft202012Validator

from stream_drift.cli.check_live import reference_line
from stream_drift.cli.understood import understood
from stream_drift.config.load import load_settings
from stream_drift.config.memory import assumed_cells, cells_of, memory_bound
from stream_drift.kafka.embedded import EmbeddedBroker
from stream_drift.profiles.layout import CategoryLayout, Layout, NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.runtime.reference_file import write_reference
from tests.support.receiver import Receiver, Reply
from tests.unit.cli.running import Shell
from tests.unit.config.test_contract import CONTRACT, MINIMAL

NUMBERS = tuple(
    NumberLayout(name, (0.0, 1.0, 2.0), (0, 1, 1, 2), 1.0, 1.0)
    for name in ("lead_time", "adr", "score")
)
CATEGORIES = tuple(CategoryLayout(name, ("a", "b"), ("c",)) for name in ("country", "prediction"))


def reference_of(*categories: CategoryLayout) -> Reference:
    layout = Layout(NUMBERS, categories, 300_000)
    profile = Profile.empty(layout)
    profile.additive += np.arange(layout.size)
    profile.low[:], profile.high[:] = 0, 2
    return Reference("0123456789abcdef", "2026-01-31T12:00:00Z", 16_913, profile)


@pytest.fixture
def contract(shell: Shell) -> Path:
    """The documented configuration, in the folder of the shell."""
    file = shell.folder / "stream-drift.yaml"
    file.write_bytes(CONTRACT.read_bytes())
    return file


@pytest.mark.usefixtures("contract")
def test_what_was_understood_is_told(shell: Shell) -> None:
    code, out, err = shell.run("check")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "hotel-cancellation (version 3)",
        "  reads       hotel.bookings (json): features, prediction; id booking_id; time booked_at",
        "              hotel.outcomes (json): label; id booking_id; time decided_at",
        "  numbers     lead_time, adr (price.adr), score (y_pred_proba)",
        "  categories  country, prediction (y_pred)",
        "  panes       5m; windows 1h, 1d; lateness 10m; days of Europe/Lisbon",
        "  opens on    budget of 1 false incident per 30 days, learning 14d",
        "              psi of * above 0.2 in 1d, 3 panes in a row",
        "              no data for 30m",
        "  memory      at most 131.6 MB: windows 0.8 MB, open panes 0.2 MB, unfinished blocks of "
        "12 partitions (assumed) 4.1 MB, sampled rows 126.6 MB, "
        "bins assumed until there is a reference",
        "  warning     no reference yet: build it with `stream-drift reference build "
        "-c stream-drift.yaml --monitor hotel-cancellation --from FILE`",
        "",
        "warning: event ids in the sampled rows of hotel-cancellation are hashed with the "
        "monitor's name only: whoever can list the ids can undo that. Put a secret into a file "
        "(openssl rand -hex 32 > ids.key) and name it in the monitor: samples: {key_file: ids.key}",
        "OK",
    ]


def test_a_minimal_monitor_is_on_the_budget(shell: Shell) -> None:
    (shell.folder / "c.yaml").write_text(MINIMAL)
    code, out, _ = shell.run("check", "-c", "c.yaml")
    assert (code, out.splitlines()[-1]) == (0, "OK")
    assert "budget of 1 false incident per 30 days, learning 14d" in out
    assert "id topic-partition-offset; time of the record" in out
    assert "categories  none" in out


def test_mistakes_go_to_stderr_and_are_wrong_usage(shell: Shell) -> None:
    (shell.folder / "c.yaml").write_text(MINIMAL + "    windws: [1h]\n    pane: x\n")
    code, out, err = shell.run("check", "-c", "c.yaml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "c.yaml:7:5: monitors.hotel.windws: unknown key, did you mean 'windows'?",
        "c.yaml:8:11: monitors.hotel.pane: must be a length of time such as 30s, 5m, 1h or 14d, "
        "not 'x'",
        "2 mistakes in the configuration",
    ]


def test_a_reference_is_told_and_its_bins_are_counted(shell: Shell, contract: Path) -> None:
    reference = reference_of(*CATEGORIES)
    write_reference(shell.folder / "references" / "hotel.json", reference)
    code, out, _ = shell.run("check")
    assert code == 0
    assert (
        "  reference   references/hotel.json: 16,913 events, id 0123456789abcdef, "
        "built 2026-01-31T12:00:00Z\n"
    ) in out
    assert "assumed until" not in out
    assert "the reference counts no pairs of features: build it again" in out
    facts = json.loads(shell.run("check", "--output", "json")[1])
    monitor = load_settings(contract, {}).monitors[0]
    bound = memory_bound(monitor, cells_of(reference.layout), 12)
    assert facts["monitors"][monitor.name]["memory_bytes"]["total"] == bound.total_bytes


@pytest.mark.usefixtures("contract")
def test_a_reference_that_does_not_fit_is_a_mistake(shell: Shell) -> None:
    write_reference(shell.folder / "references" / "hotel.json", reference_of(CATEGORIES[0]))
    code, out, _ = shell.run("check")
    assert (code, out.splitlines()[-1]) == (2, "FAILED")
    assert "lacks prediction (category)" in out
    facts = json.loads(shell.run("check", "--output", "json")[1])
    assert facts["ok"] is False
    assert len(facts["monitors"]["hotel-cancellation"]["mistakes"]) == 1


@pytest.mark.usefixtures("contract")
def test_json_holds_the_same_facts(shell: Shell) -> None:
    code, out, _ = shell.run("check", "--output", "json")
    facts = json.loads(out)
    hotel = facts["monitors"]["hotel-cancellation"]
    assert (code, facts["ok"], facts["live"]) == (0, True, [])
    assert hotel["inputs"][0]["carries"] == ["features", "prediction"]
    assert hotel["numbers"]["adr"] == "price.adr"
    assert hotel["opens_on"] == [
        "budget of 1 false incident per 30 days, learning 14d",
        "psi of * above 0.2 in 1d, 3 panes in a row",
        "no data for 30m",
    ]
    assert hotel["reference"]["id"] is None
    assert len(hotel["warnings"]) == 1
    assert len(facts["warnings"]) == 1


def test_the_schema_is_printed_without_a_configuration(shell: Shell) -> None:
    code, out, _ = shell.run("check", "--schema")
    assert code == 0
    Draft202012Validator.check_schema(json.loads(out))


def test_live_asks_the_brokers_and_fails_where_something_is_missing(shell: Shell) -> None:
    with EmbeddedBroker() as broker:
        producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        producer.produce("bookings", b'{"price": 17}')
        assert producer.flush(10) == 0
        (shell.folder / "c.yaml").write_text(
            MINIMAL + f"kafka: {{bootstrap.servers: '{broker.bootstrap}'}}\n"
        )
        code, out, _ = shell.run("check", "-c", "c.yaml", "--live")
        facts = json.loads(shell.run("check", "-c", "c.yaml", "--live", "--output", "json")[1])
    lines = out.splitlines()
    assert (code, lines[-1]) == (1, "FAILED")
    assert "ok    topic bookings: 4 partitions" in lines
    sample = next(i for i, line in enumerate(lines) if "records of bookings for hotel" in line)
    assert lines[sample].startswith("ok    records of bookings for hotel: of the last 1 records")
    assert lines[sample + 1].startswith("      ")
    assert "FAIL  topic streamdrift.profiles: does not exist" in lines
    assert any(line.startswith("      to do: stream-drift topics create") for line in lines)
    assert facts["ok"] is False
    assert {"ok": True, "subject": "topic bookings", "text": "4 partitions", "remedy": None} in (
        facts["live"]
    )


def test_a_test_message_goes_to_each_channel_and_is_judged(shell: Shell) -> None:
    with EmbeddedBroker() as broker, Receiver() as well, Receiver() as picky:
        picky.replies.append(Reply(401))
        (shell.folder / "c.yaml").write_text(
            MINIMAL
            + f"kafka: {{bootstrap.servers: '{broker.bootstrap}'}}\n"
            + f"channels:\n- {{type: webhook, url: '{well.url}'}}\n"
            + f"- {{type: teams, url: '{picky.url}'}}\n"
        )
        _, quiet, _ = shell.run("check", "-c", "c.yaml", "--live")
        assert (well.requests, "test message" in quiet) == ([], False)
        _, out, _ = shell.run("check", "-c", "c.yaml", "--live", "--send-test")
    assert "ok    test message to webhook: took a test message and its end" in out
    assert "FAIL  test message to teams: 127.0.0.1 answers HTTP 401" in out
    assert "TEST of a channel" in str(well.requests[0].json)


def test_a_test_message_needs_live(shell: Shell) -> None:
    (shell.folder / "c.yaml").write_text(MINIMAL)
    code, _, err = shell.run("check", "-c", "c.yaml", "--send-test")
    assert (code, "--live" in err) == (2, True)


def test_the_commands_that_allow_each_role_its_work_are_printed(shell: Shell) -> None:
    kafka = "kafka: {bootstrap.servers: 'k:9092', sasl.username: drift}\n"
    (shell.folder / "c.yaml").write_text(MINIMAL + kafka)
    code, out, _ = shell.run("check", "-c", "c.yaml", "--acls")
    assert code == 0
    add = "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:drift --operation"
    assert out.split("\n\n")[0].splitlines() == [
        "# profile",
        f"{add} Read --topic bookings",
        f"{add} Write --topic streamdrift.profiles",
        f"{add} Write --topic streamdrift.rejects",
        f"{add} Read --group streamdrift.profile",
    ]
    facts = json.loads(shell.run("check", "-c", "c.yaml", "--acls", "--output", "json")[1])
    assert list(facts) == ["profile", "detect", "notify", "check", "incidents", "topics create"]
    assert facts["notify"][1] == (
        f"{add} Read --resource-pattern-type prefixed --group streamdrift.notify."
    )


@pytest.mark.parametrize(
    ("days", "ok", "said"), [(1, True, "built 1 day ago"), (181, None, "built 181 days ago")]
)
def test_the_age_of_a_reference_is_told(
    shell: Shell, contract: Path, *, days: int, ok: bool | None, said: str
) -> None:
    write_reference(shell.folder / "references" / "hotel.json", reference_of(*CATEGORIES))
    settings = load_settings(contract, {})
    built_ms = 1_769_860_800_000
    each = understood(settings.monitors[0], contract)
    line = reference_line(settings, each, built_ms + days * 86_400_000 + 1)
    assert (line.ok, line.text) == (ok, said)
    assert (line.remedy is None) == bool(ok)


def test_a_reference_that_is_not_there_is_told_with_its_command(contract: Path) -> None:
    settings = load_settings(contract, {})
    line = reference_line(settings, understood(settings.monitors[0], contract), 0)
    assert line.ok is False
    assert "reference build" in str(line.remedy)


def test_live_needs_brokers_to_ask(shell: Shell) -> None:
    (shell.folder / "c.yaml").write_text(MINIMAL)
    code, out, err = shell.run("check", "-c", "c.yaml", "--live")
    assert (code, out) == (2, "")
    assert err == "c.yaml names no brokers to ask: give kafka its bootstrap.servers\n"


def test_memory_grows_with_windows_cells_and_partitions(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"

    def bound(text: str, n_cells: int, n_partitions: int) -> tuple[int, int, int]:
        file.write_text(text)
        found = memory_bound(load_settings(file, {}).monitors[0], n_cells, n_partitions)
        return found.kept_bytes, found.open_bytes, found.block_bytes

    # 288 panes of a day and 2 totals; 64 panes of a block and 2 of lateness; 64 panes twice.
    assert bound(MINIMAL, 1, 1) == (290 * 8, 66 * 8, 128 * 8)
    assert bound(MINIMAL, 10, 3) == (2900 * 8, 660 * 8, 3840 * 8)
    # 12 panes of an hour, 168 + 1 hours of a week, 2 totals.
    assert bound(MINIMAL + "    windows: [1h, 7d]\n", 1, 1)[0] == 183 * 8
    monitor = load_settings(file, {}).monitors[0]
    assert assumed_cells(monitor) == 75


def test_sampled_rows_take_memory_unless_privacy_is_strict(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"

    def row_bytes(text: str, n_partitions: int) -> int:
        file.write_text(MINIMAL + text)
        return memory_bound(load_settings(file, {}).monitors[0], 1, n_partitions).row_bytes

    # 65,536 rows of open panes, 51,456 of two weeks, 6,250 twice; one number each.
    assert row_bytes("", 1) == (65_536 + 51_456 + 12_500) * 282
    assert row_bytes("    samples: {rate: 1/8}\n", 2) - row_bytes("", 2) == 25_000 * 282
    assert row_bytes("    privacy: strict\n", 1) == 0
