"""Writing TensorBoard's event files: no queue and no thread, so that what is flushed is on disk.

tensorboardX is imported where a file is opened, not before: it imports torch where torch is
installed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class EventFile:
    """One event file in ``folder``, named so that no two writers share it.

    Args:
        folder: the run's folder as TensorBoard sees it.
        purge_step: TensorBoard forgets what earlier files of this folder hold from this step on.
        flush_seconds: at most so much is lost when the process is killed.
    """

    def __init__(self, folder: Path | str, purge_step: int, flush_seconds: float = 5.0) -> None:
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto import event_pb2, summary_pb2

        Path(folder).mkdir(parents=True, exist_ok=True)
        self._event = event_pb2.Event
        self._summary = summary_pb2.Summary
        suffix = f".{os.getpid()}.{time.time_ns()}"
        self._writer = EventsWriter(str(Path(folder) / "events"), suffix)
        self._flush_seconds = flush_seconds
        self._flushed = time.monotonic()
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(event_pb2.Event(step=purge_step, session_log=start))
        self.flush()

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write figures of one step, as one event."""
        entries = [
            self._summary.Value(tag=tag, simple_value=float(value)) for tag, value in values.items()
        ]
        self.summary(self._summary(value=entries), step)

    def histogram(self, tag: str, values: NDArray[Any], step: int, bins: int = 64) -> None:
        """Write how ``values`` are distributed; values that are not finite are left out."""
        from tensorboardX.summary import histogram

        finite = values[np.isfinite(values)].astype(np.float64)
        if finite.size:
            self.summary(histogram(tag, finite, bins), step)

    def image(self, tag: str, pixels: NDArray[np.uint8], step: int) -> None:
        """Write an image (H, W, 3)."""
        from tensorboardX.summary import image

        self.summary(image(tag, pixels, dataformats="HWC"), step)

    def text(self, tag: str, markdown: str, step: int) -> None:
        """Write a text that TensorBoard shows as markdown."""
        from tensorboardX.summary import text

        self.summary(text(tag, markdown), step)

    def hyperparameters(self, values: Mapping[str, Any], metrics: Sequence[str]) -> None:
        """Put this very run, not a sub-run, into the HPARAMS table.

        Args:
            values: the settings, a column each.
            metrics: tags of scalars, a column each; without any TensorBoard would show all.
        """
        from tensorboardX.summary import hparams

        for summary in hparams(plain(values), dict.fromkeys(metrics)):
            self.summary(summary, 0)

    def graph(self, graph: Any) -> None:
        """Write a ``GraphDef`` for the GRAPHS tab."""
        self._write(self._event(graph_def=graph.SerializeToString()))

    def summary(self, summary: Any, step: int) -> None:
        """Write a ``Summary``."""
        self._write(self._event(summary=summary, step=step))

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        self._writer.flush()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Flush and close."""
        self._writer.close()

    def _write(self, event: Any) -> None:
        event.wall_time = time.time()
        self._writer.write_event(event)
        if time.monotonic() - self._flushed > self._flush_seconds:
            self.flush()


def plain(values: Mapping[str, Any]) -> dict[str, bool | float | str]:
    """Turn hyperparameters into what the HPARAMS tab can hold; None and lists become text.

    Example::

        >>> plain({"lr": 0.1, "nesterov": False, "hidden": [128, 64], "clip": None})
        {'lr': 0.1, 'nesterov': False, 'hidden': '[128, 64]', 'clip': 'None'}
    """
    result: dict[str, bool | float | str] = {}
    for name, value in values.items():
        if isinstance(value, (bool, np.bool_)):
            result[name] = bool(value)
        elif isinstance(value, (int, float, np.number)):
            result[name] = float(value)
        else:
            result[name] = str(value)
    return result
