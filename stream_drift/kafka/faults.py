"""What the client reports when something is wrong, and what of it is an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException

from stream_drift.errors import BrokerError, ConfigError

_ALL_DOWN = "_ALL_BROKERS_DOWN"
"""Follows on what is wrong with each of them, and says less."""


@dataclass(slots=True)
class Complaints:
    """What a client says outside of any call: brokers down, a refused login, a denied topic.

    Nearly all of it heals by itself or by somebody's hand, and the client tries again; so it is
    remembered for health pages and not raised.

    Attributes
    ----------
    last
        The latest one, as text; ``None`` once records have come or gone after it.
    count
        How many there have been.
    fatal
        The one after which the client is of no more use.
    """

    last: str | None = None
    count: int = 0
    fatal: str | None = None

    def note(self, error: KafkaError) -> None:
        """Remember; serves as the client's ``error_cb``."""
        if error.name() != _ALL_DOWN or self.last is None:
            self.last = describe(error)
        self.count += 1
        if error.fatal():
            self.fatal = describe(error)

    def raise_fatal(self) -> None:
        """Raise `BrokerError` if the client can no longer be used."""
        if self.fatal is not None:
            message = f"the Kafka client gave up: {self.fatal}; start the process again"
            raise BrokerError(message)


def describe(error: KafkaError) -> str:
    """Code and text in one line."""
    return f"{error.name()}: {error.str()}"


def kafka_error(exception: KafkaException) -> KafkaError:
    """The error that the exception carries."""
    error: KafkaError = exception.args[0]
    return error


def broker_error(doing: str, error: KafkaError) -> BrokerError:
    """The error of ours, saying what was being done."""
    return BrokerError(f"{doing}: {describe(error)}")


@contextmanager
def broker_errors(doing: str) -> Iterator[None]:
    """Let the client's exceptions leave as `BrokerError`."""
    try:
        yield
    except KafkaException as exception:
        raise broker_error(doing, kafka_error(exception)) from exception


@contextmanager
def config_errors() -> Iterator[None]:
    """Let what a client says about its settings leave as `ConfigError`."""
    try:
        yield
    except KafkaException as exception:
        message = f"kafka: {kafka_error(exception).str()}"
        raise ConfigError(message) from exception
