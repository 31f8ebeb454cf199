from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from stream_drift.events.category import category_text
from stream_drift.events.columns import INVALID, INVALID_CATEGORY, Columns
from stream_drift.events.decode import Decoder
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.events.record import RecordBatch
from tests.unit.events.building import NOW_MS, as_json, batch, decode, mapping


def texts(columns: Columns) -> list[list[str]]:
    return [[category_text(value) for value in column] for column in columns.categories]


def test_events_become_columns_in_layout_order() -> None:
    wanted = mapping(["b", "a"], ["y", "x"], event_id="id", time="at")
    columns = decode(
        wanted,
        as_json(id="e1", at=NOW_MS - 1, a=1, b=2.5, x="left", y=True),
        as_json(y=7, x="right", b=-3, a=4, at=NOW_MS - 2, id="e2"),
    )
    assert columns.numbers.tolist() == [[2.5, 1.0], [-3.0, 4.0]]
    assert texts(columns) == [["true", "7"], ["left", "right"]]
    assert columns.ids == ["e1", "e2"]
    assert columns.times_ms.tolist() == [NOW_MS - 1, NOW_MS - 2]
    assert columns.record_times_ms.tolist() == [NOW_MS, NOW_MS]
    assert columns.offsets.tolist() == [0, 1]


def test_each_feature_s_cells_stand_side_by_side() -> None:
    columns = decode(mapping(["a", "b"]), as_json(a=1, b=2), as_json(a=3, b=4))
    assert columns.numbers.T.flags.c_contiguous


def test_offsets_may_have_holes() -> None:
    values = [as_json(a=1), b"{", as_json(a=3)]
    offsets, times = np.array([5, 9, 70]), np.full(3, NOW_MS)
    columns = Decoder(mapping(["a"], event_id="id")).decode(RecordBatch(offsets, times, values, 80))
    assert columns.offsets.tolist() == [5, 70]
    assert columns.ids == ["5.0", "70.0"]
    assert [(reject.row, reject.offset) for reject in columns.rejects] == [(1, 9)]


def test_without_a_time_the_record_s_own_counts() -> None:
    assert decode(mapping(["a"]), as_json(a=1)).times_ms.tolist() == [NOW_MS]


@pytest.mark.parametrize(
    ("record_time_ms", "reasons"),
    [
        (-1, ["implausible_time"]),
        (631_151_999_999, ["implausible_time"]),
        (631_152_000_000, []),
        (4_102_444_799_999, []),
        (4_102_444_800_000, ["implausible_time"]),
        (2**63 - 1, ["implausible_time"]),
        (-(2**63) + 1, ["implausible_time"]),
    ],
)
def test_the_record_s_own_time_must_be_plausible_too(
    record_time_ms: int, reasons: list[str]
) -> None:
    columns = Decoder(mapping(["a"])).decode(batch([as_json(a=1)], record_time_ms=record_time_ms))
    assert [reject.reason for reject in columns.rejects] == reasons


def test_without_an_id_the_offset_is_the_identity() -> None:
    assert decode(mapping(["a"]), as_json(a=1)).ids is None


def test_ids_are_category_texts() -> None:
    wanted = mapping(["a"], event_id="id")
    plain = ["order-1", "order-2"]
    assert decode(wanted, *(as_json(id=text) for text in plain)).ids == plain
    mixed = [17, "17", "17.0", 1.5, True, "order-1", None]
    ids = ["17", "17", "17", "1.5", "true", "order-1", "6.0"]
    assert decode(wanted, *(as_json(id=value) for value in mixed)).ids == ids


def test_an_empty_batch_gives_empty_columns() -> None:
    columns = decode(mapping(["a", "b.c"], ["x"], event_id="id", time="at", where=("m", "h")))
    assert columns.numbers.shape == (0, 2)
    assert (len(columns), columns.categories, columns.ids) == (0, ([],), [])


def test_a_mapping_may_watch_nothing_at_all() -> None:
    columns = decode(mapping(), b"{}", b"[]", as_json(a=1))
    assert columns.numbers.shape == (2, 0)
    assert columns.offsets.tolist() == [0, 2]


def test_a_batch_may_hold_rejects_only() -> None:
    columns = decode(mapping(["a"], ["x"], event_id="id", time="at"), None, b"[]", b"{}")
    assert (len(columns), columns.numbers.shape, columns.ids) == (0, (0, 1), [])
    assert [reject.reason for reject in columns.rejects] == ["decode", "not_object", "no_time"]


class TestFilter:
    WANTED = mapping(["a"], time="at", where=("model", "17"))

    @pytest.mark.parametrize("model", [17, 17.0, "17", "17.0"])
    def test_compares_category_text(self, model: object) -> None:
        columns = decode(self.WANTED, as_json(model=model, at=NOW_MS, a=1))
        assert (len(columns), columns.n_filtered) == (1, 0)

    @pytest.mark.parametrize("model", ["18", "017", 17.5, True, None, {"name": 17}, [17]])
    def test_leaves_out_everything_else(self, model: object) -> None:
        columns = decode(self.WANTED, as_json(model=model, at=NOW_MS, a=1))
        assert (len(columns), columns.n_filtered, columns.rejects) == (0, 1, ())

    def test_comes_before_time_and_types(self) -> None:
        others = [as_json(model="h"), as_json(model="h", at=0), as_json(model="h", a="text"), b"{}"]
        columns = decode(self.WANTED, *others)
        assert (columns.n_filtered, columns.rejects) == (4, ())

    def test_comes_after_decoding(self) -> None:
        columns = decode(self.WANTED, b'{"model": "h"', b'"h"')
        assert columns.n_filtered == 0
        assert [reject.reason for reject in columns.rejects] == ["decode", "not_object"]

    def test_takes_its_value_as_category_text_too(self) -> None:
        columns = decode(mapping(["a"], where=("live", "True")), as_json(live=True, a=1))
        assert columns.numbers.tolist() == [[1.0]]

    def test_keeps_what_is_meant_in_order(self) -> None:
        values = [as_json(model=16 + i % 2, at=NOW_MS, a=i) for i in range(10)]
        values[3] = as_json(model=17, at=None, a=3)
        columns = decode(self.WANTED, *values)
        assert columns.numbers[:, 0].tolist() == [1.0, 5.0, 7.0, 9.0]
        assert columns.offsets.tolist() == [1, 5, 7, 9]
        assert (columns.n_filtered, columns.rejects[0].offset) == (5, 3)


class TestPaths:
    def test_lead_into_objects_however_deep(self) -> None:
        wanted = mapping(["a.b.c", "a.n"], ["a.b.x"], event_id="meta.id", time="meta.at")
        columns = decode(
            wanted,
            as_json(a={"b": {"c": 1, "x": "left"}, "n": 2}, meta={"id": 5, "at": NOW_MS}),
            as_json(a={"b": None, "n": 3}, meta={"at": NOW_MS}),
            as_json(a={"b": {"c": "1", "x": []}}, meta={"at": NOW_MS, "id": 6}),
        )
        cells = [[1.0, 2.0], [None, 3.0], [INVALID, None]]
        assert np.array_equal(columns.numbers, np.array(cells, np.float64), equal_nan=True)
        assert columns.categories == (["left", None, INVALID_CATEGORY],)
        assert columns.ids == ["5", "1.0", "6"]

    def test_are_also_read_as_flat_keys_which_win(self) -> None:
        wanted = mapping(["p.adr"], ["c.type"], time="m.at")
        columns = decode(
            wanted,
            as_json(**{"p.adr": 1, "c.type": "flat", "m.at": NOW_MS - 1}),
            as_json(p={"adr": 2}, c={"type": "nested"}, m={"at": NOW_MS - 2}),
            as_json(p={"adr": 4}, c={"type": "nested"}, m={"at": 0})[:-1]
            + b', "p.adr": 3, "c.type": "flat", "m.at": %d}' % (NOW_MS - 3),
            as_json(p={"adr": 4}, c={"type": "nested"}, m={"at": NOW_MS - 4})[:-1]
            + b', "p.adr": null, "c.type": null, "m.at": null}',
        )
        assert columns.numbers[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
        assert columns.categories == (["flat", "nested", "flat", "nested"],)
        assert (NOW_MS - columns.times_ms).tolist() == [1, 2, 3, 4]

    def test_may_serve_several_features(self) -> None:
        wanted = EventMapping(
            numbers=(Field("one", ("v",)), Field("two", ("v",))),
            categories=(Field("text", ("v",)),),
            event_id=("v",),
        )
        values = [as_json(v=value) for value in (1, 2.5, "3", True, None, [4])]
        columns = decode(wanted, *values)
        cells = [1.0, 2.5, INVALID, INVALID, None, INVALID]
        for feature in columns.numbers.T:
            assert np.array_equal(feature, np.array(cells, np.float64), equal_nan=True)
        assert columns.categories == ([1, 2.5, "3", True, None, INVALID_CATEGORY],)
        assert columns.ids == ["1", "2.5", "3", "true", "4.0", "5.0"]

    def test_may_end_where_another_one_leads_through(self) -> None:
        columns = decode(
            mapping(["a", "a.b"], ["a.c"]), as_json(a={"b": 1, "c": "x"}), as_json(a=2), b"{"
        )
        cells = [[INVALID, 1.0], [2.0, None]]
        assert np.array_equal(columns.numbers, np.array(cells, np.float64), equal_nan=True)
        assert columns.categories == (["x", None],)
        assert [reject.offset for reject in columns.rejects] == [2]

    @pytest.mark.parametrize(
        "key",
        ['say "so"', "back\\slash", "line\nbreak", "größe", "日本", "", " ", "class", "v0", "😀"],
    )
    def test_may_hold_any_character(self, key: str) -> None:
        wanted = EventMapping((Field("n", (key,)), Field("m", ("in", key))), ())
        plain, escaped = (
            json.dumps({key: 1, "in": {key: 2}}, ensure_ascii=ascii_only).encode()
            for ascii_only in (False, True)
        )
        assert decode(wanted, plain, escaped).numbers.tolist() == [[1.0, 2.0], [1.0, 2.0]]


def test_the_depth_of_the_caller_s_stack_changes_nothing() -> None:
    values = [b'{"a": 1, "x": ' + b"[" * n + b"]" * n + b"}" for n in range(480, 520)]

    def below(frames: int, then: Callable[[], Columns]) -> Columns:
        return below(frames - 1, then) if frames else then()

    shallow, deep = (below(n, lambda: decode(mapping(["a"]), *values)) for n in (0, 250))
    assert shallow.offsets.tolist() == deep.offsets.tolist() == list(range(20))
    assert shallow.rejects == deep.rejects
