"""Co-moments of normal scores: exact whole numbers that merge, and only of like bins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_drift.errors import ReferenceFileError
from stream_drift.events.columns import Columns
from stream_drift.events.mapping import EventMapping, Field
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.count import Counter
from stream_drift.profiles.joint import JOINT, MAX_FEATURES, joint_of
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.profiles.row_codes import codes_of_rows
from stream_drift.profiles.rows import PaneRows, Row
from stream_drift.reference.build import Reference, build_reference
from stream_drift.reference.file import decode_reference, encode_reference
from stream_drift.reference.fit import fit_reference, with_joint

NAMES = ("a", "b", "c")
MAPPING = EventMapping(tuple(Field(n, (n,)) for n in NAMES), (Field("city", ("city",)),))
CITIES = ("Rome", "Bari", "Oslo")
BUILT = {"pane_ms": 300_000, "created_at": "2026-01-01T00:00:00Z"}


def numbers(n: int, seed: int) -> NDArray[np.float64]:
    """Three features, the first two with correlation 0.5."""
    table = np.random.default_rng(seed).normal(0, 1, (n, 3))
    table[:, 1] = 0.5 * table[:, 0] + np.sqrt(0.75) * table[:, 1]
    return np.asarray(table)


def columns(table: NDArray[np.float64]) -> Columns:
    offsets = np.arange(len(table))
    cities = tuple(CITIES[i % 3] for i in range(len(table)))
    return Columns(offsets, offsets, offsets, table, (cities,), None, ())


def reference(table: NDArray[np.float64], *joint: str) -> Reference:
    return build_reference(MAPPING, [columns(table)], joint=joint or NAMES, keep_rows=True, **BUILT)  # type: ignore[arg-type] # texts and numbers of one table


REFERENCE = reference(numbers(30_000, 1))


def counted(table: NDArray[np.float64], layout: Layout, step: int | None = None) -> Profile:
    counter = Counter(layout, layout.names, counts_events=True)
    profile = Profile.empty(layout)
    for first in range(0, len(table), step or len(table)):
        part = columns(table[first : first + (step or len(table))])
        counter.add(profile, counter.code(part), slice(None), len(part))
    return profile


def test_sums_of_products_are_those_of_plain_whole_numbers() -> None:
    layout, table = REFERENCE.layout, numbers(2_000, 2)
    table[::7, 1] = np.nan
    joint = joint_of(layout)
    assert joint is not None
    scores = []
    for i, part in enumerate(layout.numbers):
        bins = np.searchsorted(part.edges, table[:, i], side="right")
        known = [int(b) if np.isfinite(v) else None for b, v in zip(bins, table[:, i], strict=True)]
        scores.append([0 if b is None else joint.scores[i][b] for b in known])
    expected = [
        sum(x * y for x, y in zip(scores[i], scores[j], strict=True))
        for i, j in ((0, 1), (0, 2), (1, 2))
    ]
    assert counted(table, layout).view(JOINT).tolist() == expected


def test_scores_are_normal_quantiles_of_the_reference() -> None:
    joint = joint_of(REFERENCE.layout)
    assert joint is not None
    assert min(joint.scores[0]) == -512
    assert max(joint.scores[0]) == 512
    shares = REFERENCE.profile.bins_of(0) / REFERENCE.n
    scores = np.array(joint.scores[0]) / 128
    assert (shares * scores).sum() == pytest.approx(0, abs=0.01)
    assert (shares * scores**2).sum() == pytest.approx(1, abs=0.02)


def test_batches_do_not_matter_and_profiles_merge() -> None:
    layout, table = REFERENCE.layout, numbers(3_000, 3)
    whole, parts = counted(table, layout), counted(table, layout, step=150)
    assert whole == parts
    merged = counted(table[:999], layout)
    merged.add(counted(table[999:], layout))
    assert merged == whole


def test_the_wire_keeps_sums_and_drops_those_of_other_scores() -> None:
    profile = counted(numbers(500, 4), REFERENCE.layout)
    packed = pack_profile(profile)
    assert unpack_profile(packed, REFERENCE.layout) == profile
    other = reference(numbers(30_000, 9)).layout
    assert not unpack_profile(packed, other).view(JOINT).any()
    plain = replace(REFERENCE.layout, extras=())
    assert unpack_profile(packed, plain) == counted(numbers(500, 4), plain)


def test_a_layout_without_pairs_is_as_it_was() -> None:
    plain = replace(REFERENCE.layout, extras=())
    assert plain.ids == REFERENCE.layout.ids
    assert plain.size == REFERENCE.layout.size - 3
    assert len(pack_profile(Profile.empty(plain))) == 2


def test_an_input_that_lacks_a_feature_counts_no_pairs() -> None:
    layout = REFERENCE.layout
    counter = Counter(layout, ("a", "b"), counts_events=False)
    profile = Profile.empty(layout)
    table = numbers(100, 5)
    part = replace(columns(table[:, :2]), categories=())
    counter.add(profile, counter.code(part), slice(None), 100)
    assert profile.bins_of(0).sum() == 100
    assert not profile.view(JOINT).any()


def test_a_reference_file_keeps_pairs_and_rows() -> None:
    again = decode_reference(encode_reference(REFERENCE))
    assert again.profile == REFERENCE.profile
    assert encode_reference(again) == encode_reference(REFERENCE)
    assert REFERENCE.rows is not None
    assert again.rows is not None
    assert (again.rows.codes == REFERENCE.rows.codes).all()
    assert again.rows.codes.shape == (20_000, 4)
    assert len(encode_reference(REFERENCE)) < 150_000


def test_a_reference_of_before_has_neither() -> None:
    plain = build_reference(MAPPING, [columns(numbers(500, 6))], **BUILT)  # type: ignore[arg-type]
    assert plain.rows is None
    assert joint_of(plain.layout) is None
    document = encode_reference(plain)
    assert b'"joint"' not in document
    assert b'"rows"' not in document
    fitted = fit_reference(plain, NAMES, ("city",), 300_000)
    assert with_joint(fitted, plain, NAMES) is fitted


def test_a_damaged_sample_of_rows_is_told() -> None:
    document = encode_reference(REFERENCE)
    start = document.index(b'"rows": "') + 9
    broken = document[:start] + b"zz" + document[start + 2 :]
    with pytest.raises(ReferenceFileError, match="sample of rows is damaged"):
        decode_reference(broken)


def test_the_id_of_a_reference_is_that_of_its_counts() -> None:
    table = numbers(500, 6)
    plain = build_reference(MAPPING, [columns(table)], **BUILT)  # type: ignore[arg-type]
    assert reference(table).id == plain.id


def test_a_fitted_reference_has_the_pairs_and_rows_of_what_is_watched() -> None:
    fitted = fit_reference(REFERENCE, ("c", "a", "b"), (), 60_000)
    found = with_joint(fitted, REFERENCE, ("b", "a"))
    joint = joint_of(found.layout)
    assert joint is not None
    assert joint.features == ("b", "a")
    assert found.profile.view(JOINT).tolist() == REFERENCE.profile.view(JOINT)[:1].tolist()
    assert found.rows is not None
    assert REFERENCE.rows is not None
    assert (found.rows.codes == REFERENCE.rows.codes[:, [2, 0, 1]]).all()


def test_there_is_room_for_so_many_features() -> None:
    names = [f"x{i}" for i in range(MAX_FEATURES + 3)]
    table = np.random.default_rng(1).normal(0, 1, (100, len(names)))
    mapping = EventMapping(tuple(Field(n, (n,)) for n in names), ())
    part = replace(columns(table), categories=())
    found = build_reference(mapping, [part], joint=names, **BUILT)  # type: ignore[arg-type]
    joint = joint_of(found.layout)
    assert joint is not None
    assert joint.features == tuple(names[:MAX_FEATURES])


def test_sampled_rows_fall_in_the_bins_that_events_are_counted_in() -> None:
    table = numbers(300, 7)
    table[5, 0] = np.nan
    rows = [
        Row(i, b"", i, (*[None if np.isnan(v) else v for v in values], CITIES[i % 3]))
        for i, values in enumerate(table.tolist())
    ]
    layout = replace(REFERENCE.layout, extras=())
    codes = codes_of_rows(PaneRows((*NAMES, "city"), 1.0, tuple(rows)), layout)
    profile = counted(table, layout)
    for i, part in enumerate(layout.parts):
        found = np.bincount(codes[:, i], minlength=part.n_bins + 1)
        assert found[: part.n_bins].tolist() == profile.bins_of(i).tolist()
        assert found[part.n_bins] == profile.view("missing")[i]
