"""Values that are read from files of their own and never shown."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

from stream_drift.config.document import Document, Node, Quoted
from stream_drift.config.mistakes import Path

FILE_SUFFIX = "_file"
SECTIONS = ("kafka", "channels")
UNREAD = "-"
"""Stands for a secret that could not be read, so that nothing else complains about it."""
PUBLIC_KEYS = {
    "kafka": re.compile(r"bootstrap\.servers|metadata\.broker\.list|security\.protocol|.*\.ms"),
    "channels": re.compile(r"type"),
}
"""Beside these keys, no value below `SECTIONS` is ever quoted: a URL can be a password too."""
SECRET_KEY = re.compile(r"pass|secret|token|credential|private|api_?key|jaas|^key$", re.IGNORECASE)


def is_secret(path: Path) -> bool:
    """Whether a message must not show the value at ``path``."""
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    if path and path[0] in SECTIONS:
        return PUBLIC_KEYS[str(path[0])].fullmatch(last) is None
    return SECRET_KEY.search(last) is not None


def read_secret_files(document: Document, folder: FilePath) -> None:
    """Replace ``X_file: PATH`` by ``X: content`` below ``kafka`` and ``channels``.

    The content loses its line end. Relative paths start at ``folder``.
    """
    for section in SECTIONS:
        if section in document.data:
            document.data[section] = _read(document, document.data[section], (section,), folder)


def _read(document: Document, node: Node, path: Path, folder: FilePath) -> Node:
    match node:
        case list():
            return [_read(document, part, (*path, i), folder) for i, part in enumerate(node)]
        case dict():
            found: dict[str, Node] = {}
            for key, value in node.items():
                name, new = _entry(document, (*path, key), value, folder)
                if name != key and name in node:
                    text = f"give either {name} or {key}, not both"
                    document.complain(document.key_place((*path, key)), (*path, key), text)
                else:
                    found[name] = new
            return found
        case _:
            return node


def _entry(document: Document, path: Path, value: Node, folder: FilePath) -> tuple[str, Node]:
    key = str(path[-1])
    if not (key.endswith(FILE_SUFFIX) and isinstance(value, str)):
        return key, _read(document, value, path, folder)
    bare = (*path[:-1], key.removesuffix(FILE_SUFFIX))
    document.keys.setdefault(bare, document.key_place(path))
    document.values.setdefault(bare, document.value_place(path))
    return str(bare[-1]), _content(document, path, folder / value)


def _content(document: Document, path: Path, file: FilePath) -> Node:
    try:
        content = file.read_text("utf-8").rstrip("\r\n")
        reason = None if content else "it is empty"
    except (OSError, ValueError) as error:
        content, reason = "", getattr(error, "strerror", None) or "it is no UTF-8 text"
    if reason is not None:
        document.complain(document.value_place(path), path, f"{file} cannot be used: {reason}")
    return Quoted(content or UNREAD)
