"""Command lines of Kafka's own programs, from the jars that `make` has fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

KAFKA = Path(__file__).parents[2] / ".cache" / "kafka"
ARCHIVE = KAFKA / "classes.jsa"
FORMATTED = KAFKA / "formatted"
_LOGGING = Path(__file__).parent / "kafka" / "log4j2.xml"
_QUICK_START = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
WITH_ARCHIVE = (f"-XX:SharedArchiveFile={ARCHIVE}",)


def kafka_command(
    program: str, *arguments: str, jvm_options: Sequence[str] = WITH_ARCHIVE
) -> list[str]:
    """Arguments to start the class ``program``.

    A class archive halves the start time; the JVM uses it only with the exact class path (same
    jars, same order) that it was made with, and says nothing where that differs.
    """
    jars = sorted(str(jar) for jar in (KAFKA / "lib").glob("*.jar"))
    if not jars:
        message = "Kafka's jars are missing; `make broker` fetches them"
        raise FileNotFoundError(message)
    options = [*_QUICK_START, f"-Dlog4j2.configurationFile={_LOGGING}", *jvm_options]
    return ["java", *options, "-cp", ":".join(jars), program, *arguments]
