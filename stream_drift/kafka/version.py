"""Which librdkafka is underneath."""

from __future__ import annotations

import confluent_kafka


def client_version() -> str:
    """The version of librdkafka, as text."""
    return str(confluent_kafka.libversion()[0])
