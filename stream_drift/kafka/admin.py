"""Asking the broker about topics, and making them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicCollection,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported without saying so
    AdminClient,
    ConfigResource,
    ResourceType,
)
from confluent_kafka.cimpl import NewTopic

from stream_drift.errors import BrokerError
from stream_drift.kafka.client_config import admin_config
from stream_drift.kafka.faults import (
    Complaints,
    broker_errors,
    config_errors,
    describe,
    kafka_error,
)
from stream_drift.kafka.guard import Guard, unguarded
from stream_drift.kafka.remedies import bootstrap_of, connection_remedy
from stream_drift.runtime.transport import TopicInfo, TopicPartition

ANSWER_TIMEOUT_SECONDS = 10.0
CONTACT_TIMEOUT_SECONDS = 5.0
"""For the first question, to whichever broker answers: people wait for it."""
BROKERS_DEFAULT = -1

_NO_ID = "A" * 22
"""How a broker that knows no topic ids writes one."""
_MOCK_CLUSTER = "mockCluster"
_UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PART"
_TOPIC_EXISTS = "TOPIC_ALREADY_EXISTS"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be; ``replication`` is the broker's default unless given."""

    name: str
    n_partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    replication: int = BROKERS_DEFAULT


@dataclass(frozen=True, slots=True)
class Creation:
    """What became of the wish for a topic; ``reason`` says why it failed."""

    topic: str
    outcome: Literal["created", "exists", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupState:
    """A consumer group as the broker knows it."""

    n_members: int
    offsets: Mapping[TopicPartition, int]


class KafkaAdmin:
    """Requests about topics, each answered within a time or failing with `BrokerError`.

    librdkafka's mock cluster answers none of them (each would time out); there a topic comes into
    being by being asked for, has no settings, and is identified by its name.

    Attributes
    ----------
    complaints
        What the client has reported outside of its answers, such as a refused login.
    """

    def __init__(self, kafka: Mapping[str, object], guard: Guard = unguarded) -> None:
        self.complaints = Complaints()
        self._guard = guard
        self._open = ExitStack()
        self._bootstrap = bootstrap_of(kafka)
        config = admin_config(kafka) | {"error_cb": self.complaints.note}
        with config_errors():
            self._client = self._open.enter_context(AdminClient(config))

    def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Identity and size of those of the topics that exist, asked now."""
        if self.is_mock:
            sizes = self._sizes()
            return {n: TopicInfo(_id_from_name(n), sizes[n]) for n in names if n in sizes}
        found: dict[str, TopicInfo] = {}
        for name, answer in self._ask_topics(names).items():
            error = self._error(answer)
            if error is None or error.name() != _UNKNOWN_TOPIC:
                with broker_errors(f"describe topic {name}"):
                    found[name] = _info(answer.result())
        return found

    def configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """Settings of topics, all of them as text; empty on a mock cluster."""
        if self.is_mock or not names:
            return {name: {} for name in names}
        asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        answers = self._client.describe_configs(asked, request_timeout=ANSWER_TIMEOUT_SECONDS)
        found: dict[str, dict[str, str]] = {}
        for resource, answer in answers.items():
            with self._guard("describe"), broker_errors(f"settings of topic {resource.name}"):
                entries = answer.result().values()
            found[resource.name] = {entry.name: str(entry.value) for entry in entries}
        return found

    def create(self, specs: Sequence[TopicSpec]) -> list[Creation]:
        """Make the topics; neither one that exists nor one that is refused is an error."""
        if self.is_mock:
            return [self._conjure(spec.name) for spec in specs]
        wanted = [
            NewTopic(spec.name, spec.n_partitions, spec.replication, config=dict(spec.config))
            for spec in specs
        ]
        answers = self._client.create_topics(wanted, request_timeout=ANSWER_TIMEOUT_SECONDS)
        return [self._creation(name, answer) for name, answer in answers.items()]

    def allowed_on_topic(self, name: str) -> frozenset[str] | None:
        """The operations that we may do on a topic that exists; ``None`` if nobody says."""
        if self.is_mock:
            return None
        asked = self._client.describe_topics(
            TopicCollection([name]),
            include_authorized_operations=True,
            request_timeout=ANSWER_TIMEOUT_SECONDS,
        )
        with self._guard("describe"), broker_errors(f"describe topic {name}"):
            return _operations(asked[name].result())

    def allowed_on_group(self, group: str) -> frozenset[str] | None:
        """The operations that we may do on a consumer group; ``None`` if nobody says."""
        if self.is_mock:
            return None
        asked = self._client.describe_consumer_groups(
            [group], include_authorized_operations=True, request_timeout=ANSWER_TIMEOUT_SECONDS
        )
        with self._guard("describe"), broker_errors(f"describe group {group}"):
            return _operations(asked[group].result())

    def group_state(self, group: str) -> GroupState:
        """Who is in a group and what it has committed; nothing where it does not exist."""
        if self.is_mock:
            return GroupState(0, {})
        described = self._client.describe_consumer_groups(
            [group], request_timeout=ANSWER_TIMEOUT_SECONDS
        )
        listed = self._client.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group)], request_timeout=ANSWER_TIMEOUT_SECONDS
        )
        with self._guard("group"), broker_errors(f"state of group {group}"):
            members = described[group].result().members
            places = listed[group].result().topic_partitions
        offsets = {(each.topic, each.partition): each.offset for each in places}
        return GroupState(len(members), {at: o for at, o in offsets.items() if o >= 0})

    def groups(self, prefix: str) -> list[str]:
        """The consumer groups whose names begin so, as far as we may see them."""
        if self.is_mock:
            return []
        asked = self._client.list_consumer_groups(request_timeout=ANSWER_TIMEOUT_SECONDS)
        with self._guard("groups"), broker_errors("list of groups"):
            names = [each.group_id for each in asked.result().valid]
        return sorted(name for name in names if name.startswith(prefix))

    def brokers(self) -> list[str]:
        """Addresses of the brokers that the cluster says it has; an error gives no advice."""
        brokers = self._contact().brokers.values()
        return sorted(f"{broker.host}:{broker.port}" for broker in brokers)

    @cached_property
    def is_mock(self) -> bool:
        """Whether the cluster is librdkafka's mock."""
        return str(self._metadata().cluster_id).startswith(_MOCK_CLUSTER)

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._open.close()

    def _metadata(self) -> Any:
        try:
            return self._contact()
        except BrokerError as error:
            message = f"{error}: {connection_remedy(str(error))}"
            raise BrokerError(message) from error

    def _contact(self) -> Any:
        try:
            with self._guard("metadata"), broker_errors("cluster metadata"):
                timeout = min(CONTACT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS)
                return self._client.list_topics(timeout=timeout)
        except BrokerError as error:
            self._client.poll(0)  # calls error_cb, which knows reasons
            said = self.complaints.last or str(error)
            message = f"no broker answers at {self._bootstrap} ({said})"
            raise BrokerError(message) from error

    def _sizes(self) -> dict[str, int]:
        topics = self._metadata().topics.items()
        return {name: len(topic.partitions) for name, topic in topics}

    def _conjure(self, name: str) -> Creation:
        existed = name in self._sizes()
        with self._guard("metadata"), broker_errors(f"topic {name}"):
            self._client.list_topics(name, timeout=ANSWER_TIMEOUT_SECONDS)
        return Creation(name, "exists" if existed else "created")

    def _ask_topics(self, names: Sequence[str]) -> dict[str, Future[Any]]:
        self._client.poll(0)
        if not names:
            return {}
        asked = TopicCollection(list(names))
        return self._client.describe_topics(asked, request_timeout=ANSWER_TIMEOUT_SECONDS)

    def _creation(self, name: str, answer: Future[Any]) -> Creation:
        error = self._error(answer)
        if error is None:
            return Creation(name, "created")
        if error.name() == _TOPIC_EXISTS:
            return Creation(name, "exists")
        return Creation(name, "failed", describe(error))

    def _error(self, answer: Future[Any]) -> KafkaError | None:
        with self._guard("admin request"):
            exception = answer.exception()
        return kafka_error(exception) if isinstance(exception, KafkaException) else None


def _info(answer: Any) -> TopicInfo:
    topic_id = str(answer.topic_id)
    if topic_id == _NO_ID:
        topic_id = _id_from_name(answer.name)
    return TopicInfo(topic_id, len(answer.partitions))


def _operations(answer: Any) -> frozenset[str] | None:
    """As they are called on the command line, such as ``DescribeConfigs``."""
    found = answer.authorized_operations
    if not found:
        return None
    return frozenset("".join(map(str.capitalize, each.name.split("_"))) for each in found)


def _id_from_name(name: str) -> str:
    return "name-" + blake2b(name.encode(), digest_size=8).hexdigest()
