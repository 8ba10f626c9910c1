"""Averages of a model's weights over its training, which often predict better than the last ones.

References: Izmailov et al., *Averaging Weights Leads to Wider Optima and Better Generalization*,
arXiv:1803.05407; Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*,
SIAM Journal on Control and Optimization 30, 1992.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from minitorch.autograd import no_grad
from minitorch.nn import Module
from minitorch.nn.batchnorm import _BatchNorm
from minitorch.optim.lr_scheduler import LRScheduler
from minitorch.optim.lr_scheduler.base import per_group
from minitorch.optim.optimizer import Optimizer
from minitorch.tensor import Tensor, wrap

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Tensor, Tensor, Any], Tensor]
MultiAverage = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """Return the `avg_fn` of the exponential moving average; ValueError outside [0, 1]."""
    _check_decay(decay)

    @no_grad()
    def ema_update(average: Tensor, current: Tensor, num_averaged: Any) -> Tensor:  # noqa: ARG001
        return decay * average + (1 - decay) * current

    return ema_update


def get_swa_avg_fn() -> Average:
    """Return the `avg_fn` of the mean of all models."""

    @no_grad()
    def swa_update(average: Tensor, current: Tensor, num_averaged: Any) -> Tensor:
        return average + (current - average) / (num_averaged + 1)

    return swa_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """Return the `multi_avg_fn` of the exponential moving average; ValueError outside [0, 1]."""
    _check_decay(decay)

    @no_grad()
    def ema_update(averages: Sequence[Tensor], currents: Sequence[Tensor], _: Any) -> None:
        for average, current in zip(averages, currents, strict=True):
            if average.is_floating_point():
                average.lerp_(current, 1 - decay)
            else:
                average.copy_(average * decay + current * (1 - decay))

    return ema_update


def get_swa_multi_avg_fn() -> MultiAverage:
    """Return the `multi_avg_fn` of the mean of all models."""
    swa_update = get_swa_avg_fn()

    @no_grad()
    def update(averages: Sequence[Tensor], currents: Sequence[Tensor], num_averaged: Any) -> None:
        for average, current in zip(averages, currents, strict=True):
            average.copy_(swa_update(average, current, num_averaged))

    return update


def _check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )


class AveragedModel(Module):
    """A copy of a model that holds an average of its weights.

    Args:
        model: what is copied.
        device: None or the CPU.
        avg_fn: returns the new average of the average, a parameter of the model, and the number of
            models so far. Default: the mean of all.
        multi_avg_fn: changes a list of averages in place, given the model's parameters in a list;
            called for the tensors of each dtype.
        use_buffers: average the buffers, too, instead of copying them.

    Attributes:
        module: the copy.
        n_averaged: how many models it is the average of, a 0-d int64 buffer.

    Raises:
        AssertionError: for both `avg_fn` and `multi_avg_fn`.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.swa_utils import AveragedModel
        >>> model = minitorch.nn.Linear(1, 1, bias=False)
        >>> average = AveragedModel(model)
        >>> for value in (1.0, 2.0, 6.0):
        ...     _ = minitorch.nn.init.constant_(model.weight, value)
        ...     average.update_parameters(model)
        >>> average.module.weight.item()
        3.0
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", wrap(np.array(0)))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the copy does."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Take the model's weights into the average; the first time, copy them."""
        averages, currents = self._members(self.module), self._members(model)
        if len(averages) != len(currents):
            raise ValueError(
                f"update_parameters: the average is of {len(averages)} tensors, and the model has "
                f"{len(currents)}"
            )
        if int(self.n_averaged) == 0:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(current)
        elif self.avg_fn is not None:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(self.avg_fn(average, current, self.n_averaged))
        else:
            update = self.multi_avg_fn or get_swa_multi_avg_fn()
            for dtype in dict.fromkeys(average.dtype for average in averages):
                alike = [i for i, average in enumerate(averages) if average.dtype == dtype]
                update([averages[i] for i in alike], [currents[i] for i in alike], self.n_averaged)
        if not self.use_buffers:
            for buffer, current in zip(self.module.buffers(), model.buffers(), strict=True):
                buffer.copy_(current)
        self.n_averaged += 1

    def _members(self, model: Module) -> list[Tensor]:
        """Return what is averaged of a model."""
        buffers = model.buffers() if self.use_buffers else ()
        return [member.detach() for member in chain(model.parameters(), buffers)]


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of a model's batch normalization anew.

    An average of weights has seen no data, so neither have its statistics.

    Args:
        loader: gives batches; of a list or tuple the first is the input.
        model: its batch normalization is set, and all else left as it was.
        device: None or the CPU.
    """
    momenta = {m: m.momentum for m in model.modules() if isinstance(m, _BatchNorm)}
    if not momenta:
        return
    was_training = model.training
    model.train()
    for module in momenta:
        module.reset_running_stats()
        module.momentum = None  # the mean of all batches
    for batch in loader:
        x = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(x if device is None else x.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """Moves the learning rate to a constant, at which the weights are then averaged.

    Args:
        optimizer: whose rate is set.
        swa_lr: the rate in the end, or one for each group.
        anneal_epochs: how many steps it takes to get there.
        anneal_strategy: ``"cos"`` or ``"linear"``.
        last_epoch: steps taken before; -1 starts anew.

    Raises:
        ValueError: for another strategy, or a number of epochs that is negative or no integer.

    Example:
        >>> import minitorch
        >>> optimizer = minitorch.optim.SGD([minitorch.ones(1, requires_grad=True)], lr=0.5)
        >>> scheduler = minitorch.optim.swa_utils.SWALR(
        ...     optimizer, swa_lr=0.1, anneal_epochs=4, anneal_strategy="linear"
        ... )
        >>> for _ in range(4):
        ...     optimizer.step()
        ...     scheduler.step()
        >>> round(optimizer.param_groups[0]["lr"], 6)
        0.1
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = per_group("swa_lr", optimizer, swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rates one step further on the way from where they began to `swa_lr`."""
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            end = group["swa_lr"]
            start = end if before == 1 else (group["lr"] - before * end) / (1 - before)
            rates.append(end * now + start * (1 - now))
        return rates

    def _share(self, step: int) -> float:
        """Return which part of the way is done."""
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2
