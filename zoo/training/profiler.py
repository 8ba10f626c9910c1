"""Where the time of a run goes, with Python's own profiler."""

from __future__ import annotations

import cProfile
import io
import logging
import pstats
from pathlib import Path

from zoo.training.callbacks import Callback
from zoo.training.loop import Fit

log = logging.getLogger(__name__)


class Profiler(Callback):
    """Profiles training and leaves ``profile.txt`` and, for viewers, ``profile.pstats``.

    Args:
        folder: the run folder.
        lines: how many functions to print.
    """

    def __init__(self, folder: Path, lines: int = 25) -> None:
        self.folder = folder
        self.lines = lines
        self._profile = cProfile.Profile()

    def on_start(self, fit: Fit) -> None:
        """Start to watch."""
        self._profile.enable()

    def on_end(self, fit: Fit) -> None:
        """Stop, write the files, and show the functions that took longest themselves."""
        self._profile.disable()
        self._profile.dump_stats(self.folder / "profile.pstats")
        text = io.StringIO()
        pstats.Stats(self._profile, stream=text).sort_stats("tottime").print_stats(self.lines)
        (self.folder / "profile.txt").write_text(text.getvalue(), encoding="utf-8")
        log.info("%s", text.getvalue().strip())
