"""Reading a configuration file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stream_drift.config.build import build_settings
from stream_drift.config.document import Document
from stream_drift.config.environment import PREFIX, override
from stream_drift.config.expand import expand
from stream_drift.config.mistakes import report
from stream_drift.config.rules import apply_rules
from stream_drift.config.schema import ConfigPart
from stream_drift.config.secret_files import read_secret_files
from stream_drift.config.settings import Settings
from stream_drift.config.validate import validate
from stream_drift.config.yaml_text import read_document
from stream_drift.errors import ConfigError

KAFKA = f"{PREFIX}kafka__"


def load_settings(path: str | Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that a configuration file yields.

    Parameters
    ----------
    environ
        Where ``${VAR}`` and ``STREAMDRIFT__…`` are looked up; by default the process's own.

    Raises
    ------
    ConfigError
        With every mistake in the file, one per line, each with its place.
    """
    file, environment = Path(path), os.environ if environ is None else environ
    document = read_document(_text_of(file), str(path))
    if not document.mistakes or document.data:
        expand(document, environment)
        override(document, environment)
        read_secret_files(document, file.parent)
        config, broken = validate(document)
        if config is not None:
            apply_rules(config, document, broken)
            keys = _sample_keys(config, document, file.parent)
            if not document.mistakes:
                return build_settings(config, file, keys)
    raise ConfigError(report(document.mistakes))


def load_kafka(bootstrap: str, environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """How to reach brokers where there is no configuration file yet.

    Parameters
    ----------
    bootstrap
        As ``bootstrap.servers`` would stand in the file; the rest comes from
        ``STREAMDRIFT__KAFKA__…``.
    environ
        As for `load_settings`.

    Raises
    ------
    ConfigError
        With every mistake in the variables.
    """
    environment = os.environ if environ is None else environ
    document = Document("--bootstrap", {"kafka": {"bootstrap.servers": bootstrap}})
    expand(document, environment)
    override(document, {k: v for k, v in environment.items() if k.casefold().startswith(KAFKA)})
    read_secret_files(document, Path())
    if document.mistakes:
        raise ConfigError(report(document.mistakes))
    kafka = document.data["kafka"]
    return {} if not isinstance(kafka, dict) else {k: str(v) for k, v in kafka.items()}


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{file}: this is no UTF-8 text (byte {error.start})"
        raise ConfigError(message) from error
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}; stream-drift init writes a first one"
        raise ConfigError(message) from error


def _sample_keys(config: ConfigPart, document: Document, folder: Path) -> dict[str, bytes]:
    """The content of every ``samples.key_file`` that can be read and is not empty."""
    found: dict[str, bytes] = {}
    for name, monitor in config.monitors.items():
        if monitor.samples.key_file is None:
            continue
        file, path = folder / monitor.samples.key_file, ("monitors", name, "samples", "key_file")
        try:
            found[name] = file.read_bytes().strip()
            problem = None if found[name] else "it is empty"
        except OSError as error:
            problem = error.strerror
        if problem is not None:
            document.complain(document.value_place(path), path, f"{file} cannot be used: {problem}")
    return found
