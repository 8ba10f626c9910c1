"""The ways a run ends early; each message is one sentence for the person at the keyboard."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """A run cannot go on; it ends with exit code 1."""


class DivergedError(TrainingError):
    """The loss or a weight became NaN or infinite."""


class CheckpointError(TrainingError):
    """A checkpoint could not be written or read."""


class Interrupted(TrainingError):  # noqa: N818  it is no error
    """Somebody asked the run to stop, and it stopped in good order.

    Args:
        message: what to print.
        signal_number: the signal that asked; the exit code is 128 plus this number.
    """

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message, signal_number)
        self.message = message
        self.signal_number = signal_number

    def __str__(self) -> str:
        return self.message


class ConfigError(ValueError):
    """A key or a value of the configuration is impossible; the run ends with exit code 2."""


def one_line(error: BaseException) -> str:
    """What an error says in several lines, such as those of YAML, in one."""
    return " ".join(str(error).split())
