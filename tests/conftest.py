"""Fixtures of all tests."""

from __future__ import annotations

import itertools
import os
import re
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.broker import KafkaBroker

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_numbers = itertools.count()


def _running_broker() -> Iterator[KafkaBroker]:
    with tempfile.TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True) as folder:
        broker = KafkaBroker(Path(folder) / "broker")
        broker.start()
        yield broker
        broker.stop()


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaBroker]:
    """The one real broker of the whole run; a test takes topics and groups of its own."""
    yield from _running_broker()


@pytest.fixture
def own_broker() -> Iterator[KafkaBroker]:
    """A real broker that the test may stop, kill, freeze and start again."""
    yield from _running_broker()


@pytest.fixture
def topic_prefix(request: pytest.FixtureRequest) -> str:
    """Beginning of the names of topics and groups, never given twice in a run."""
    readable = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
    return f"{readable}-{next(_numbers)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the end of the log of the broker that the test used."""
    report = yield
    for fixture in getattr(item, "funcargs", {}).values():
        if report.failed and isinstance(fixture, KafkaBroker):
            report.sections.append(("Kafka's log", fixture.log_tail()))
    return report
