"""What holds for the project as a whole."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "stream_drift").rglob("*.py"))

MOST_LINES_PER_FILE = 400
MOST_LINES_PER_FUNCTION = 50
MEDIAN_LINES_PER_FUNCTION = 10
MEDIAN_LINES_PER_FILE = 150

# Written in pieces, so that this file does not contain what it looks for.
HOSTS = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("repo", "maven", "apache"),
    ("repo1", "maven"),
    ("registry", "npmjs"),
    ("proxy", "golang"),
    ("deb", "debian"),
)
FOLDERS = (("work",), ("tmp", "w"), ("root",), ("home",), ("Users",))
UNWANTED = re.compile(
    "|".join(
        [re.escape(".".join(host)) for host in HOSTS]
        + [rf"(?<![\w.])/{'/'.join(folder)}/" for folder in FOLDERS]
    )
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text())


def functions(module: Path) -> list[Function]:
    return [node for node in ast.walk(parsed(module)) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Lines from the ``def`` to the end, without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def project_files() -> list[Path]:
    """Every file that git knows or would take in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_files_are_short() -> None:
    lines = {name_of(module): len(module.read_text().splitlines()) for module in MODULES}
    assert {name: n for name, n in lines.items() if n > MOST_LINES_PER_FILE} == {}
    assert statistics.median(lines.values()) <= MEDIAN_LINES_PER_FILE


def test_functions_are_short() -> None:
    lines = {
        f"{name_of(module)}:{each.lineno} {each.name}": length(each)
        for module in MODULES
        for each in functions(module)
    }
    assert {name: n for name, n in lines.items() if n > MOST_LINES_PER_FUNCTION} == {}
    assert statistics.median(lines.values()) <= MEDIAN_LINES_PER_FUNCTION


def test_modules_say_what_they_are_for() -> None:
    silent = [name_of(each) for each in MODULES if not ast.get_docstring(parsed(each))]
    assert silent == []


def test_package_files_hold_only_their_docstring() -> None:
    packages = (ROOT / "stream_drift").glob("*/**/__init__.py")
    assert [name_of(each) for each in packages if len(parsed(each).body) != 1] == []


def test_no_file_names_a_machine_or_a_package_index() -> None:
    found = {
        name_of(path): matches
        for path in project_files()
        if (matches := UNWANTED.findall(path.read_text(errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "word", [*map(".".join, HOSTS), *("/".join(("", *f, "x")) for f in FOLDERS)]
)
def test_unwanted_words_would_be_found(word: str) -> None:
    assert UNWANTED.search(f"see {word}.")


@pytest.mark.parametrize("word", ["../work/x", "frame/work/x", "example.com/home/x"])
def test_other_words_may_stand(word: str) -> None:
    assert not UNWANTED.search(f"see {word}.")
