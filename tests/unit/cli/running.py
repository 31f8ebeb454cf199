"""Commands as a shell would run them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from stream_drift.cli.main import main


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs ``stream-drift`` in this process, in a folder of its own."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *args: str | Path) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        out, err = self.capture.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err
