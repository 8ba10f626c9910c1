"""One module on several GPUs; where there is none, as here, it is just called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from minitorch.nn.module import Module


class DataParallel(Module):
    """Call a module; torch would share the batch among GPUs, if there were any.

    As in torch on a CPU, nothing but `module` is used.

    Args:
        module: what to call.
        device_ids: GPUs.
        output_device: a GPU.
        dim: the dimension of the batch.

    Attributes:
        module: the module; its parameters are named ``module.*``.
        device_ids: an empty list.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.DataParallel.html

    Example:
        >>> import minitorch
        >>> model = minitorch.nn.DataParallel(minitorch.nn.Linear(2, 1))
        >>> model(minitorch.ones(3, 2)).shape, list(model.state_dict())
        (minitorch.Size([3, 1]), ['module.weight', 'module.bias'])
    """

    module: Module
    device_ids: list[int]

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Return what the module returns."""
        return self.module(*inputs, **kwargs)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: Any = None,
) -> NoReturn:
    """Raise RuntimeError, as torch does where there is no GPU.

    Args:
        module: what to call.
        inputs: what to share among GPUs.
        device_ids: GPUs.
        output_device: a GPU.
        dim: the dimension of the batch.
        module_kwargs: keyword arguments of the module.

    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.data_parallel.html
    """
    raise RuntimeError("device type could not be determined")
