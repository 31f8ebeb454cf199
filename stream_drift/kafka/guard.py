"""Where calls that may hang are announced, so that a watchdog can see them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Guard(Protocol):
    """Entered for the length of every client call that may block."""

    def __call__(self, call: str) -> AbstractContextManager[None]:
        """``call`` names what is being done, for whoever reads of it."""


def unguarded(call: str) -> AbstractContextManager[None]:
    """Nobody watches."""
    del call
    return nullcontext()
