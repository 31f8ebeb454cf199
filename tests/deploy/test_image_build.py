"""The image, built and started without a container engine; minutes, so among the long tests.

Its base is a bare Debian in place of the pinned image: the steps are proved, not that base.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_drift import __version__
from tests.support.deploy import DEPLOY, ROOT

ROOTFS = ROOT / ".cache" / "rootfs.tar"
PACKAGES = "python3,python3-venv,ca-certificates"
INSTALLER = ("PIP_", "SSL_CERT", "REQUESTS_CA")
"""Variables by which this machine tells pip where packages come from."""

pytestmark = pytest.mark.long


class Builder:
    """Buildah with a store of its own."""

    def __init__(self, folder: Path) -> None:
        self._store = ["--root", str(folder / "store"), "--runroot", str(folder / "run")]

    def __call__(self, *arguments: str | Path, exit_code: int = 0) -> str:
        done = subprocess.run(
            ["buildah", *self._store, *arguments],
            env={**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"},
            capture_output=True,
            text=True,
            check=False,
            timeout=1_200,
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        return done.stdout.strip()


def from_here() -> Iterator[str]:
    """Lets the build's pip find packages as this machine's does."""
    paths = {Path("/etc/pip.conf")}
    for key, value in os.environ.items():
        if key.startswith(INSTALLER):
            yield from ("--env", f"{key}={value}")
            paths.add(Path(value))
    for path in paths:
        if path.is_file():
            yield from ("--volume", f"{path}:{path}:ro")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Builder, str]]:
    folder = tmp_path_factory.mktemp("image")
    if not ROOTFS.exists():
        command = ["mmdebstrap", "--variant=apt", f"--include={PACKAGES}", "bookworm", str(ROOTFS)]
        subprocess.run(command, capture_output=True, check=True, timeout=900)
    base = folder / "base"
    base.mkdir()
    shutil.copy(ROOTFS, base)
    (base / "Dockerfile").write_text("FROM scratch\nADD rootfs.tar /\n")
    build = Builder(folder)
    build("bud", "--quiet", "--pull-never", "--tag", "base", base)
    recipe = ("--file", DEPLOY / "Dockerfile", "--build-arg", "BASE=localhost/base")
    build("bud", "--pull-never", "--format=docker", *from_here(), *recipe, "--tag=image", ROOT)
    name = build("from", "--pull-never", "localhost/image")
    yield build, name
    build("rm", name)
    shutil.rmtree(folder)


def test_image_holds_the_program_and_runs_it_as_nobody(container: tuple[Builder, str]) -> None:
    build, name = container
    assert build("run", name, "--", "stream-drift", "--version") == f"stream-drift {__version__}"
    assert build("run", name, "--", "id", "-u") == "10001"
    assert build("run", name, "--", "stream-drift", "health", exit_code=1) == ""


def test_image_holds_no_tools_and_no_tests(container: tuple[Builder, str]) -> None:
    build, name = container
    listed = build("run", name, "--", "ls", "/opt/stream-drift/bin").split()
    assert "stream-drift" in listed
    assert not {"pip", "hatchling", "pytest"} & set(listed)
