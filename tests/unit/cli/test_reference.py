"""``reference build | show | diff`` on small files with known contents."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_drift.cli.main import main
from stream_drift.cli.reference_figures import BARS, histogram
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.reference.build import Reference, build_reference
from stream_drift.runtime.files.read import read_batches
from stream_drift.runtime.reference_file import read_reference, write_reference

CONFIG = """
monitors:
  shop:
    reference: out/shop.json
    inputs:
      - {topic: orders, carries: [features, prediction], time: t, where: {field: kind, equals: a}}
    features:
      size: number
      colour: {type: category, path: item.colour}
    prediction: {value: y, task: binary, positive: 1}
"""


class Shop:
    """A folder with a configuration, and the program run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "stream-drift.yaml"
        self.config.write_text(CONFIG)
        self._capsys = capsys

    def run(self, *args: object, code: int = 0) -> str:
        """What the command says on stdout, or on stderr where it fails."""
        with pytest.raises(SystemExit) as left:
            main(["reference", *map(str, args)])
        out, err = self._capsys.readouterr()
        assert left.value.code == code, err
        self.err = err
        return err if code else out

    def build(self, source: Path, *args: object, code: int = 0) -> str:
        return self.run("build", "-c", self.config, "--from", source, *args, code=code)

    def csv(self, name: str, rows: Sequence[Mapping[str, object]]) -> Path:
        with (self.folder / name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self.folder / name

    def jsonl(self, name: str, rows: Iterable[object]) -> Path:
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (self.folder / name).write_text("\n".join(texts))
        return self.folder / name


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path, capsys)


def orders(n: int, shift: float = 0.0) -> list[dict[str, Any]]:
    """Nested, as live events are; no time and another `kind`: a file needs neither."""
    sizes = (np.arange(n) * 7 % 101 + shift).tolist()
    return [
        {"size": size, "item": {"colour": "red" if i % 4 else "blue"}, "y": i % 2, "kind": "b"}
        for i, size in enumerate(sizes)
    ]


def figures(shop: Shop, *args: object) -> dict[str, Any]:
    found = json.loads(shop.run("show", "-c", shop.config, "--output", "json", *args))
    return {feature["name"]: feature for feature in found["features"]}


# build -------------------------------------------------------------------------------------------


def test_every_row_is_counted_whatever_its_time_and_kind(shop: Shop) -> None:
    said = shop.build(shop.jsonl("a.jsonl", orders(404)))
    built = read_reference(shop.folder / "out/shop.json")
    assert said == (
        f"wrote {shop.folder}/out/shop.json: reference {built.id}, 404 events, 3 features\n"
    )
    assert (built.n, built.layout.pane_ms, shop.err) == (404, 300_000, "")
    assert built.layout.names == ("size", "colour", "prediction")
    assert built.profile.usable().tolist() == [404, 404, 404]


def test_flat_file_is_read_under_the_names_of_the_features(shop: Shop) -> None:
    flat = [
        {"size": row["size"], "colour": row["item"]["colour"], "y": row["y"]} for row in orders(404)
    ]
    shop.build(shop.csv("a.csv", flat))
    from_csv = read_reference(shop.folder / "out/shop.json")
    shop.build(shop.jsonl("a.jsonl", orders(404)))
    assert read_reference(shop.folder / "out/shop.json").id == from_csv.id


def test_it_is_written_where_asked(shop: Shop) -> None:
    shop.build(shop.jsonl("a.jsonl", orders(100)), "--out", shop.folder / "elsewhere.json")
    assert read_reference(shop.folder / "elsewhere.json").n == 100
    assert not (shop.folder / "out").exists()


def test_what_is_left_out_is_said(shop: Shop) -> None:
    rows = [{"size": 1, "y": 1}] * 30
    shop.build(shop.jsonl("a.jsonl", [*rows, "{", "[]", "{"]))
    assert "cannot be used: decode 2, not_object 1" in shop.err
    assert f"feature 'colour' has no usable value in {shop.folder}/a.jsonl" in shop.err


def test_file_without_usable_rows_is_refused(shop: Shop) -> None:
    said = shop.build(shop.jsonl("a.jsonl", ["{"]), code=2)
    assert "holds no usable event" in said
    assert not (shop.folder / "out").exists()


def test_old_bins_are_kept_where_asked(shop: Shop) -> None:
    shop.build(shop.jsonl("old.jsonl", orders(404)))
    old = read_reference(shop.folder / "out/shop.json")
    shop.build(
        shop.jsonl("new.jsonl", orders(404, shift=50)),
        "--edges-from",
        shop.folder / "out/shop.json",
    )
    new = read_reference(shop.folder / "out/shop.json")
    assert new.layout.ids == old.layout.ids
    assert new.id != old.id


def test_features_that_the_old_reference_lacks_get_bins_of_their_own(shop: Shop) -> None:
    shop.build(shop.jsonl("old.jsonl", orders(404)))
    old = read_reference(shop.folder / "out/shop.json")
    config = CONFIG.replace("    prediction", "      weight: number\n    prediction")
    shop.config.write_text(config.replace("size: number", "size: category"))
    rows = [{**row, "weight": i} for i, row in enumerate(orders(404, shift=50))]
    shop.build(shop.jsonl("new.jsonl", rows), "--edges-from", shop.folder / "out/shop.json")
    new = read_reference(shop.folder / "out/shop.json")
    assert new.layout.names == ("weight", "size", "colour", "prediction")
    assert new.layout.ids[2:] == old.layout.ids[1:]
    assert new.layout.numbers[0].edges[0] == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "one of --from FILE, --topic"),
        (["--from", "a.csv", "--topic", "orders"], "one of --from FILE, --topic"),
        (["--from", "a.csv", "--since", "1d"], "--since and --until need --topic"),
        (["--from", "a.csv"], "a.csv: No such file"),
        (["--from", "a.csv", "--monitor", "shoe"], "there is no 'shoe'; there is shop"),
        (["--topic", "--since", "now"], "--since: must be a date or time"),
    ],
)
def test_wrong_usage_says_what_to_do(shop: Shop, args: list[str], message: str) -> None:
    assert message in shop.run("build", "-c", shop.config, *args, code=2)


def test_several_monitors_must_be_told_apart(shop: Shop) -> None:
    shop.config.write_text(CONFIG + CONFIG.replace("monitors:\n", "").replace("shop", "shoe"))
    source = shop.jsonl("a.jsonl", orders(100))
    assert "--monitor NAME: shop, shoe" in shop.build(source, code=2)
    shop.build(source, "--monitor", "shoe")
    assert (shop.folder / "out/shoe.json").exists()


def test_two_topics_cannot_make_one_reference(shop: Shop) -> None:
    two = "- {topic: a, carries: [features]}\n      - {topic: b, carries: [prediction]}\n"
    lines = [two if "topic: orders" in line else line + "\n" for line in CONFIG.splitlines()]
    shop.config.write_text(
        "".join(line.replace("- {topic: a", "      - {topic: a") for line in lines)
    )
    said = shop.run("build", "-c", shop.config, "--topic", code=2)
    assert "reads features and predictions from a, b: build the reference from a file" in said
    said = shop.run("build", "-c", shop.config, "--topic", "a", code=2)
    assert "topic 'a' does not carry all that monitor 'shop' watches" in said


# show --------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_file(shop: Shop) -> None:
    shop.build(shop.jsonl("a.jsonl", [*orders(404), {"size": None}, {"size": "?"}]))
    found = figures(shop)
    sizes = np.array([row["size"] for row in orders(404)])
    size, colour = found["size"], found["colour"]
    assert (size["n"], size["low"], size["high"]) == (404, 0, 100)
    assert size["mean"] == pytest.approx(sizes.mean(), rel=1e-5)
    assert size["sd"] == pytest.approx(sizes.std(), rel=1e-5)
    assert size["missing"] == pytest.approx(1 / 406, rel=1e-5)
    assert colour["shares"] == {"red": 0.75, "blue": 0.25}
    assert colour["missing"] == pytest.approx(2 / 406, rel=1e-5)


def test_table_has_a_line_per_feature(shop: Shop) -> None:
    shop.build(shop.jsonl("a.jsonl", orders(404)))
    by_config = shop.run("show", "-c", shop.config)
    assert "404 events" in by_config
    assert "red 75%, blue 25%" in by_config
    assert "▁" not in by_config.splitlines()[4]  # the sizes lie evenly
    assert shop.run("show", shop.folder / "out/shop.json") == by_config


def test_absent_reference_is_named(shop: Shop) -> None:
    said = shop.run("show", "-c", shop.config, code=2)
    assert "shop.json: no such file; make it with `stream-drift reference build`" in said


@pytest.mark.parametrize("content", ["", "{}", '{"format": "streamdrift-reference/0"}', "\xff"])
def test_what_is_no_reference_is_named(shop: Shop, content: str) -> None:
    (shop.folder / "odd.json").write_text(content, encoding="latin-1")
    assert "odd.json: " in shop.run("show", shop.folder / "odd.json", code=2)


def numbers(folder: Path, values: Sequence[float]) -> Reference:
    (folder / "n.jsonl").write_text("\n".join(json.dumps({"x": value}) for value in values))
    mapping = EventMapping((Field("x", ("x",)),), ())
    events = map(Decoder(mapping).decode, read_batches(folder / "n.jsonl", mapping, 10**12))
    return build_reference(mapping, events, pane_ms=1000, created_at="2026-01-01T00:00:00Z")


def test_histogram_shows_density_and_not_the_bins(tmp_path: Path) -> None:
    even = histogram(numbers(tmp_path, np.arange(10_000.0).tolist()).profile, 0)
    assert set(even) <= set(BARS[-2:])
    bell = np.random.default_rng(1).normal(size=10_000).tolist()
    heights = [BARS.index(bar) for bar in histogram(numbers(tmp_path, bell).profile, 0)]
    assert heights[:8] == sorted(heights[:8])
    assert heights[8:] == sorted(heights[8:], reverse=True)


@pytest.mark.parametrize("values", [[5.0], [5.0] * 100, [0.0, 1.0], [-1e100, 1e100]])
def test_histogram_of_few_values_is_drawn(tmp_path: Path, values: list[float]) -> None:
    drawn = histogram(numbers(tmp_path, values).profile, 0)
    assert drawn
    assert set(drawn) <= set(BARS)


# diff --------------------------------------------------------------------------------------------


def two_references(shop: Shop, *args: object) -> tuple[Path, Path]:
    old, new = shop.folder / "old.json", shop.folder / "new.json"
    shop.build(shop.jsonl("old.jsonl", orders(404)), "--out", old)
    shop.build(shop.jsonl("new.jsonl", orders(404, shift=50)), "--out", new, *args)
    return old, new


def test_new_reference_is_scored_against_the_old_one(shop: Shop) -> None:
    old, new = two_references(shop, "--edges-from", shop.folder / "old.json")
    found = json.loads(shop.run("diff", old, new, "--output", "json"))
    values = {(line["feature"], line["score"]): line["value"] for line in found["scores"]}
    sd = np.std([row["size"] for row in orders(404)], ddof=1)
    assert values["size", "mean_shift"] == pytest.approx(50 / sd, rel=1e-4)
    assert values["size", "out_of_range"] == pytest.approx(50 / 101, rel=0.02)
    assert values["colour", "psi"] == 0
    assert found["not_comparable"] == {}
    table = shop.run("diff", old, new)
    assert "colour" in table
    assert "mean_shift" in table


def test_features_with_other_bins_are_named(shop: Shop) -> None:
    old, new = two_references(shop)
    found = json.loads(shop.run("diff", old, new, "--output", "json"))
    assert found["not_comparable"] == {"size": "other bins: build the new one with --edges-from"}
    assert {line["feature"] for line in found["scores"]} == {"colour", "prediction", None}
    assert "size: other bins" in shop.run("diff", old, new)


def test_references_with_nothing_in_common_are_refused(shop: Shop, tmp_path: Path) -> None:
    old, _ = two_references(shop)
    write_reference(tmp_path / "x.json", numbers(tmp_path, [1.0, 2.0]))
    said = shop.run("diff", old, tmp_path / "x.json", code=2)
    assert "no feature with the same bins" in said


# On disk -----------------------------------------------------------------------------------------


def test_reference_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    built = numbers(tmp_path, np.arange(1000.0).tolist())
    write_reference(tmp_path / "deep" / "r.json", built)
    found = read_reference(tmp_path / "deep" / "r.json")
    assert (found.id, found.n, found.created_at) == (built.id, built.n, built.created_at)
    assert found.profile == built.profile
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["r.json"]


def test_place_that_cannot_be_written_is_named(shop: Shop) -> None:
    (shop.folder / "out").write_text("a file where a folder should be")
    said = shop.build(shop.jsonl("a.jsonl", orders(100)), code=2)
    assert "out/shop.json: cannot be written: " in said
