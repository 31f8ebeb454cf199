"""The image's recipe: pinned, restrained, made of what is there, one version everywhere."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

from stream_drift import __version__
from stream_drift.cli.main import COMMANDS
from tests.support.compose import COMPOSE
from tests.support.deploy import DEPLOY, ROOT, load_yaml

# A line that ends in a backslash goes on.
TEXT = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
STEPS = [line.split(" ", 1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def said(instruction: str) -> list[str]:
    """The arguments of every use of an instruction."""
    return [rest for name, rest in STEPS if name == instruction]


def sent(path: str) -> bool:
    """Whether .dockerignore lets a path of the repository through; the last match decides."""
    verdict = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#") and fnmatch(path, line.lstrip("!")):
            verdict = line.startswith("!")
    return verdict


def test_base_is_pinned_and_can_run_the_client_of_kafka() -> None:
    [base] = [each for each in said("ARG") if each.startswith("BASE=")]
    assert re.fullmatch(r"BASE=python:\d+\.\d+\.\d+-slim-\w+", base)  # wheels need glibc
    assert [each.split(" ")[0] for each in said("FROM")] == ["${BASE}", "${BASE}"]


def test_everything_copied_is_there_and_sent() -> None:
    copied = [
        source
        for each in said("COPY")
        if not each.startswith("--from")
        for source in shlex.split(each)[:-1]
    ]
    assert copied
    assert [source for source in copied if not (ROOT / source).exists() or not sent(source)] == []
    assert not sent("tests")
    assert not sent("requirements/dev.txt")


def test_requirements_are_the_locked_ones_with_their_hashes() -> None:
    [install] = [each for each in said("RUN") if "-r requirements" in each]
    assert "--require-hashes -r requirements/base.txt" in install
    [own] = [each for each in said("RUN") if "install" in each and each != install]
    assert "--no-deps --no-build-isolation ." in own


def test_nobody_is_root_and_the_program_tells_its_health() -> None:
    assert said("USER") == ["10001:10001"]
    assert said("STOPSIGNAL") == ["SIGTERM"]
    [check] = said("HEALTHCHECK")
    words = json.loads(check.partition("CMD ")[2])
    assert json.loads(said("ENTRYPOINT")[0]) == words[:1] == ["stream-drift"]
    [command] = said("CMD")
    assert {words[1], json.loads(command)[0]} <= COMMANDS.keys()


def test_version_is_the_same_everywhere() -> None:
    chart = load_yaml(DEPLOY / "helm" / "stream-drift" / "Chart.yaml")
    [image] = load_yaml(DEPLOY / "kustomize" / "base" / "kustomization.yaml")["images"]
    services = load_yaml(COMPOSE)["services"].values()
    tags = {each["image"] for each in services if each["image"].startswith("stream-drift:")}
    assert f"VERSION={__version__}" in said("ARG")
    assert chart["appVersion"] == image["newTag"] == __version__
    assert tags == {f"stream-drift:{__version__}"}


def test_every_folder_of_deploy_is_known_to_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
    tests += "".join(path.read_text() for path in (ROOT / "tests" / "support").glob("*.py"))
    entries = {each.name for each in DEPLOY.iterdir() if each.name != "__pycache__"}
    assert {name for name in entries if name not in tests} == set()
