"""Everything that stream-drift raises on purpose.

::

    StreamDriftError
    ├── ConfigError        the configuration file cannot be used
    ├── UsageError         a command was called in a way that makes no sense
    ├── ReferenceFileError a reference snapshot cannot be read, built or matched to the config
    ├── InputFileError     a file of events cannot be read
    ├── WireFormatError    a record of our own topics cannot be decoded
    ├── InvariantError     our own state contradicts itself: a defect, never bad input
    └── BrokerError        Kafka refused or did not answer

Bad *events* are never errors: they are counted as rejects.
"""

from __future__ import annotations


class StreamDriftError(Exception):
    """Root of all errors raised on purpose; the message says what to do."""


class ConfigError(StreamDriftError):
    """The configuration file cannot be used; carries every mistake found."""


class UsageError(StreamDriftError):
    """A command was called in a way that makes no sense."""


class ReferenceFileError(StreamDriftError):
    """A reference snapshot cannot be read, built, or does not fit the configuration."""


class InputFileError(StreamDriftError):
    """A file of events cannot be read."""


class WireFormatError(StreamDriftError):
    """A record of our own topics cannot be decoded."""


class InvariantError(StreamDriftError):
    """Our own state contradicts itself: a defect of the program, never bad input."""


class BrokerError(StreamDriftError):
    """Kafka refused a request or did not answer in time."""
