"""One module in several processes, of which there is no group here."""

from __future__ import annotations

from typing import Any

from minitorch import distributed
from minitorch.nn.module import Module


class DistributedDataParallel(Module):
    """The name that programs import; to make one raises torch's error for a missing group.

    Args:
        module: the module to train.
        *args: as torch's.
        **kwargs: as torch's.

    Raises:
        ValueError: there is no group of processes.

    Reference:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
    """

    def __init__(self, module: Module, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        distributed.no_group()
