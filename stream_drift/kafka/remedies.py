"""What to do about what a broker says."""

from __future__ import annotations

from collections.abc import Mapping

_REMEDIES = (
    # first: addresses in complaints hold the words of the next two
    (
        ("refused", "resolve", "timed out", "unreachable"),
        "check that bootstrap.servers below kafka: is right, that a broker runs there and that "
        "this machine may reach it",
    ),
    (
        ("authentication", "sasl"),
        "check sasl.mechanism, sasl.username and sasl.password below kafka:",
    ),
    (
        ("certificate", "ssl"),
        "check ssl.ca.location below kafka: (for mutual TLS also ssl.certificate.location and "
        "ssl.key.location)",
    ),
    (
        ("disconnected", "brokers are down", "brokers_down"),
        "the brokers close the connection: if their port wants TLS or a login, set "
        "security.protocol below kafka:",
    ),
)


def connection_remedy(complaint: str) -> str:
    """What to do where no broker can be used.

    Examples
    --------
    >>> connection_remedy("sasl: Authentication failed")
    'check sasl.mechanism, sasl.username and sasl.password below kafka:'
    >>> connection_remedy("sasl_ssl://broker:9093: Connection refused").startswith("check that")
    True
    """
    said = complaint.lower()
    for signs, remedy in _REMEDIES:
        if any(sign in said for sign in signs):
            return remedy
    return "check the settings below kafka:"


def bootstrap_of(kafka: Mapping[str, object]) -> str:
    """Where the brokers are, for a command line."""
    return str(kafka.get("bootstrap.servers", "localhost:9092"))
