"""The one list of published scores."""

from __future__ import annotations

import pytest

from stream_drift.scoring.catalogue import CATALOGUE, Subject, scores_for

NUMBER = (
    "mean_shift variance_ratio psi kl hellinger js chi2 cramers_v ks wasserstein "
    "missing invalid not_finite out_of_range"
)
CATEGORY = "psi kl hellinger js chi2 cramers_v missing invalid new"


@pytest.mark.parametrize(("subject", "names"), [("number", NUMBER), ("category", CATEGORY)])
def test_features_have_their_scores_in_published_order(subject: Subject, names: str) -> None:
    assert [info.name for info in scores_for(subject)] == names.split()


def test_what_belongs_to_the_model_comes_last_its_volume_first() -> None:
    model = scores_for("model")
    assert model[0].name == "volume"
    assert list(CATALOGUE.values())[-len(model) :] == list(model)


def test_every_score_is_listed_under_its_own_name_and_says_what_it_means() -> None:
    for name, info in CATALOGUE.items():
        assert info.name == name
        assert info.meaning
        assert info.unit
        assert info.applies_to


def test_ranges_are_ranges() -> None:
    for info in CATALOGUE.values():
        assert info.low is None or info.high is None or info.low < info.high
