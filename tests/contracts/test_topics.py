"""What a topic is."""

from __future__ import annotations

import pytest

from stream_drift.runtime.transport import LogReader, LogScanner
from tests.contracts.worlds import World, write


@pytest.fixture(params=["reader", "scanner"])
def client(request: pytest.FixtureRequest, world: World, topic: str) -> LogReader | LogScanner:
    return world.reader(topic) if request.param == "reader" else world.scanner()


def test_only_topics_that_exist_are_known(
    world: World, topic: str, client: LogReader | LogScanner
) -> None:
    assert client.topics([]) == {}
    assert client.topics([topic]) == {}
    world.create_topic(topic, 3)
    world.create_topic(f"{topic}.other", 1)
    infos = client.topics([topic, f"{topic}.other", f"{topic}.none"])
    assert {name: info.n_partitions for name, info in infos.items()} == {
        topic: 3,
        f"{topic}.other": 1,
    }
    assert infos[topic].topic_id != infos[f"{topic}.other"].topic_id


def test_a_topic_keeps_its_id_while_it_grows(
    world: World, topic: str, client: LogReader | LogScanner
) -> None:
    world.create_topic(topic, 1)
    before = client.topics([topic])[topic]
    write(world, (topic, 0), [b"a"])
    world.add_partitions(topic, 2)
    after = client.topics([topic])[topic]
    assert (after.topic_id, after.n_partitions) == (before.topic_id, 2)


def test_a_topic_made_again_has_another_id_and_begins_anew(
    world: World, topic: str, client: LogReader | LogScanner
) -> None:
    world.create_topic(topic, 2)
    write(world, (topic, 0), [b"a"])
    before = client.topics([topic])[topic]
    world.delete_topic(topic)
    assert client.topics([topic]) == {}
    world.create_topic(topic, 2)
    after = client.topics([topic])[topic]
    assert after.topic_id != before.topic_id
    assert world.scanner().end_offset((topic, 0)) == 0
