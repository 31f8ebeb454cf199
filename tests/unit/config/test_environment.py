"""Values from the environment: ``${VAR}``, ``STREAMDRIFT__…`` and secrets in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_drift.config.load import load_kafka, load_settings
from stream_drift.config.settings import Settings
from stream_drift.errors import ConfigError

TEXT = """
kafka:
  bootstrap.servers: ${BROKERS:-localhost:9092}
monitors:
  hotel-cancellation:
    reference: ${FOLDER}/r.json
    inputs:
      - {topic: bookings, carries: [features]}
      - {topic: others, carries: [features]}
    features: {price: number, other.price: number}
channels:
  - {type: slack, url_file: hook.txt}
http: {port: 9464}
"""


class Config:
    """A file and the environment that it is loaded in."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "c.yaml"
        self.file.write_text(TEXT)
        (folder / "hook.txt").write_text("https://hooks.example/hunter2\n")

    def load(self, **environ: str) -> Settings:
        return load_settings(self.file, {"FOLDER": "refs", **environ})

    def mistakes(self, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            self.load(**environ)
        return str(caught.value).replace(f"{self.file.parent}/", "").splitlines()[:-1]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path)


def test_a_variable_is_put_in_or_its_default(config: Config) -> None:
    assert config.load().kafka["bootstrap.servers"] == "localhost:9092"
    assert config.load(BROKERS="").kafka["bootstrap.servers"] == "localhost:9092"
    assert config.load(BROKERS="b:1,c:2").kafka["bootstrap.servers"] == "b:1,c:2"
    assert config.load().monitors[0].reference == config.file.parent / "refs" / "r.json"


def test_what_a_variable_holds_is_not_read_as_yaml(config: Config) -> None:
    text = "x: 1, sasl.password: [y] # ${BROKERS}"
    assert config.load(BROKERS=text).kafka == {"bootstrap.servers": text}


def test_a_plain_dollar_brace_can_be_written(config: Config) -> None:
    config.file.write_text(TEXT.replace("${BROKERS:-localhost:9092}", "'$${A}$$b$'"))
    assert config.load().kafka["bootstrap.servers"] == "${A}$$b$"


@pytest.mark.parametrize("variable", ["STREAMDRIFT__HTTP__PORT", "streamdrift__Http__port"])
def test_a_variable_overrides_a_key_whatever_its_case(config: Config, variable: str) -> None:
    assert config.load(**{variable: "0"}).http.port == 0


def test_an_override_may_set_what_the_file_leaves_out(config: Config) -> None:
    settings = config.load(
        STREAMDRIFT__NAME="other",
        STREAMDRIFT__HTTP__ADDRESS="0.0.0.0",  # noqa: S104 - nothing listens in this test
        STREAMDRIFT__KAFKA__SECURITY_PROTOCOL="SSL",
        STREAMDRIFT__MONITORS__HOTEL_CANCELLATION__DETECTION__NO_DATA_FOR="1h",
    )
    assert (settings.name, settings.http.address) == ("other", "0.0.0.0")  # noqa: S104 - idem
    assert settings.kafka["security.protocol"] == "SSL"
    assert settings.monitors[0].detection.no_data_for_ms == 3_600_000


def test_dashes_dots_and_underscores_are_alike_in_a_variable(config: Config) -> None:
    settings = config.load(
        STREAMDRIFT__MONITORS__HOTEL_CANCELLATION__PANE="10m",
        STREAMDRIFT__KAFKA__BOOTSTRAP_SERVERS="b:1",
        STREAMDRIFT__MONITORS__HOTEL_CANCELLATION__FEATURES__OTHER_PRICE="category",
    )
    assert settings.monitors[0].pane_ms == 600_000
    assert settings.kafka == {"bootstrap.servers": "b:1"}
    assert settings.monitors[0].features[1].kind == "category"


def test_lists_are_overridden_by_number_or_as_a_whole(config: Config) -> None:
    base = "STREAMDRIFT__MONITORS__HOTEL_CANCELLATION__"
    settings = config.load(
        **{f"{base}INPUTS__1__TOPIC": "elsewhere", f"{base}WINDOWS": "[1h, 2d]"},
        STREAMDRIFT__CHANNELS__0="{type: webhook, url: http://localhost}",
    )
    assert [channel.type for channel in settings.channels] == ["webhook"]
    assert [source.topic for source in settings.monitors[0].inputs] == ["bookings", "elsewhere"]
    assert [window.name for window in settings.monitors[0].windows] == ["1h", "2d"]


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        ("HTTP__PORT", "many", "http.port: must be a whole number, not 'many'"),
        ("HTP__PORT", "1", "HTP: unknown key, did you mean 'http'?"),
        ("HTTP__PRT", "1", "http.prt: unknown key, did you mean 'port'?"),
        (
            "MONITORS__HOTL__PANE",
            "1m",
            "monitors: the file has no 'HOTL', known: hotel-cancellation",
        ),
        ("HTTP__PORT__X", "1", "http.port: is a single value in the file; 'X' cannot be set in it"),
        (
            "MONITORS__HOTEL-CANCELLATION__INPUTS__2__TOPIC",
            "t",
            "monitors.hotel-cancellation.inputs: has 2 entries, numbered from 0; '2' is none",
        ),
        (
            "MONITORS__HOTEL-CANCELLATION__WINDOWS",
            "[1h, ",
            "monitors.hotel-cancellation.windows: this is no valid YAML: "
            "expected the node content, but found '<stream end>'",
        ),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(
    config: Config, variable: str, value: str, text: str
) -> None:
    found = config.mistakes(**{f"STREAMDRIFT__{variable}": value})
    assert found == [f"STREAMDRIFT__{variable}: {text.replace('HTP:', 'htp:')}"]


def test_a_variable_that_could_mean_two_keys_is_refused(config: Config) -> None:
    config.file.write_text(TEXT.replace("other.price", "pri_ce, pri-ce").replace("price:", "x:"))
    config.file.write_text(TEXT.replace("other.price: number", "a-b: number, a_b: number"))
    variable = "STREAMDRIFT__MONITORS__HOTEL_CANCELLATION__FEATURES__A_B"
    assert config.mistakes(**{variable: "number"}) == [
        f"{variable}: monitors.hotel-cancellation.features: 'A_B' may mean any of a-b, a_b"
    ]


def test_a_secret_is_read_from_its_file_and_never_shown(config: Config) -> None:
    settings = config.load(
        STREAMDRIFT__KAFKA__SASL_PASSWORD_FILE=str(config.file.parent / "hook.txt")
    )
    assert settings.channels[0].options == {"url": "https://hooks.example/hunter2"}
    assert settings.kafka["sasl.password"] == "https://hooks.example/hunter2"
    assert "hunter2" not in repr(settings)


def test_mistakes_beside_a_secret_do_not_show_it(config: Config) -> None:
    text = TEXT.replace("port: 9464", "port: x").replace(
        "localhost:9092}", "b}\n  ssl: {a: hunter2}"
    )
    config.file.write_text(text)
    found = config.mistakes(STREAMDRIFT__CHANNELS="hunter2")
    assert len(found) == 3
    assert "hunter2" not in "".join(found)


def test_without_a_file_brokers_are_told_by_the_environment(config: Config) -> None:
    folder = config.file.parent
    environ = {
        "KAFKA_BROKERS": "b:1",
        "STREAMDRIFT__KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "STREAMDRIFT__KAFKA__SASL_PASSWORD_FILE": str(folder / "hook.txt"),
        "STREAMDRIFT__MONITORS__HOTEL__PANE": "5m",
    }
    assert load_kafka("${KAFKA_BROKERS:-localhost:9092}", environ) == {
        "bootstrap.servers": "b:1",
        "security.protocol": "SASL_SSL",
        "sasl.password": "https://hooks.example/hunter2",
    }
    assert load_kafka("a:1", {}) == {"bootstrap.servers": "a:1"}
    with pytest.raises(ConfigError, match=r"PASSWORD_FILE: .* cannot be used: No such file"):
        load_kafka("a:1", {"STREAMDRIFT__KAFKA__SASL_PASSWORD_FILE": "/absent"})


def test_an_empty_secret_is_a_mistake(config: Config) -> None:
    (config.file.parent / "hook.txt").write_text("\n")
    assert config.mistakes() == [
        "c.yaml:12:29: channels[0].url_file: hook.txt cannot be used: it is empty"
    ]


def test_a_key_file_that_cannot_be_read_is_a_mistake(config: Config) -> None:
    config.file.write_text(
        TEXT.replace("    reference", "    samples: {key_file: k}\n    reference")
    )
    assert config.mistakes() == [
        "c.yaml:6:25: monitors.hotel-cancellation.samples.key_file: "
        "k cannot be used: No such file or directory"
    ]
