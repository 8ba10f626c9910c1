"""``minitorch.backends.cuda``: the settings of products on a GPU, which is not here."""

from __future__ import annotations


class _Products:
    """How matrices are multiplied on a GPU."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True


matmul = _Products()


def is_built() -> bool:
    """Return False."""
    return False
