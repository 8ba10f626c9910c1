"""Ctrl-C and SIGTERM end a sweep in good order, with one sentence that says how to go on."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import shlex
import signal
import sys
import threading
import time
from multiprocessing import resource_tracker
from pathlib import Path
from types import FrameType
from typing import Any

from omegaconf import DictConfig

from zoo.training import receipt
from zoo.training.errors import Interrupted

_PATIENCE = 10.0  # seconds in which the jobs under way may save themselves


def is_parallel(config: DictConfig) -> bool:
    """Whether the jobs run in processes of their own."""
    launcher = config.hydra.launcher
    return "joblib" in str(launcher._target_) and launcher.get("n_jobs") != 1


def how_to_go_on(config: DictConfig) -> str:
    """What a person does to have the rest of a sweep that was stopped."""
    if "optuna" in config.hydra.sweeper._target_:
        return "the same command goes on with the search"
    folder = shlex.quote(f"hydra.sweep.dir={config.hydra.sweep.dir}")
    return f"the same command with {folder} runs only what is missing"


class StopSignal:
    """Handles SIGINT and SIGTERM while jobs run in parallel; a second one ends all at once.

    Of the Ctrl-C of a terminal the processes of the jobs hear only through this one: one that has
    just begun to import would answer with a traceback.

    Args:
        sentence: how to go on, which is printed.
        folder: the folder of the sweep.
    """

    def __init__(self, sentence: str, folder: Path) -> None:
        self._sentence = sentence
        self._folder = folder
        self._started = time.time()
        self._previous: dict[int, Any] = {}
        self._done = threading.Event()

    def install(self) -> None:
        """Take the signals; Python delivers them to the main thread only."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._stop)
        resource_tracker.ensure_running()  # whose start would open the main thread's mask again
        # This thread stays open to SIGINT, and so the process; the main thread and the processes
        # that it starts, which inherit its mask, do not.
        threading.Thread(target=self._done.wait, daemon=True).start()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def restore(self) -> None:
        """Give the signals back."""
        if not self._previous:
            return
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self._done.set()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.restore()
        threading.excepthook = lambda _: None  # joblib's thread stumbles over the end of its own
        sys.stderr.write(f"stopped: {self._sentence}\n")
        under_way = self._jobs_under_way()
        for process in multiprocessing.active_children():
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGTERM)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and under_way & self._jobs_under_way():
            time.sleep(0.05)
        raise SystemExit(128 + number)

    def _jobs_under_way(self) -> set[Path]:
        """The folders of the jobs that this sweep has begun and not ended."""
        return {
            path.parent
            for path in self._folder.glob(f"*/{receipt.RESULT}")
            if path.stat().st_mtime >= self._started
            and (receipt.read_result(path.parent) or {}).get("status") == receipt.RUNNING
        }


class InterruptedJobs(logging.Filter):
    """A filter of the console: a job that was interrupted says ``sentence``, or nothing."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def filter(self, record: logging.LogRecord) -> bool:
        """Recognize the error that is being logged; a file has the record as it was."""
        if not isinstance(sys.exc_info()[1], Interrupted):
            return True
        if self._sentence:
            sys.stderr.write(f"{self._sentence}\n")
        return False
