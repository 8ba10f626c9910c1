"""How exact and how repeatable the numbers are to be."""

from __future__ import annotations

from minitorch.notices import warn

_PRECISIONS = ("highest", "high", "medium")
_chosen = {"precision": "highest", "deterministic": False}


def set_float32_matmul_precision(precision: str) -> None:
    """Allow products of float32 a lower precision, which the CPU here makes no use of.

    Args:
        precision: ``"highest"``, ``"high"`` or ``"medium"``.
    """
    if precision not in _PRECISIONS:
        warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current call has no "
            "effect."
        )
        return
    _chosen["precision"] = precision


def get_float32_matmul_precision() -> str:
    """Return what `set_float32_matmul_precision` allowed last."""
    return str(_chosen["precision"])


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:  # noqa: ARG001
    """Ask for algorithms that give the same numbers every time: there are no others here.

    Args:
        mode: whether they have to.
        warn_only: whether those that do not may run after a warning.
    """
    _chosen["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Return what `use_deterministic_algorithms` asked for last."""
    return bool(_chosen["deterministic"])
