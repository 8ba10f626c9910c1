"""Averages of the weights over the steps of a run, often better than the last weights."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import minitorch
from minitorch import Tensor, nn


class Averaging(ABC):
    """An average of what a model consists of: parameters and running statistics.

    Args:
        model: the model in training; the average begins as what it holds now.
        total_steps: how many steps the run will have.
    """

    def __init__(self, model: nn.Module, total_steps: int) -> None:
        self.total_steps = total_steps
        self.own = {name: t for name, t in model.state_dict().items() if t.is_floating_point()}
        self.average = _copies(self.own)

    @abstractmethod
    def update(self, step: int) -> None:
        """Take the weights after ``step`` steps into account."""

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Inside the block the model has the average, afterwards its own weights again."""
        kept = _copies(self.own)
        _write(self.average, self.own)
        try:
            yield
        finally:
            _write(kept, self.own)

    def state_dict(self) -> dict[str, Any]:
        """What is needed to continue."""
        return dict(self.average)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``."""
        _write(state, self.average)

    def _approach(self, share: float) -> None:
        """Move the average by ``share`` of its distance to the model."""
        with minitorch.no_grad():
            for name, average in self.average.items():
                average.lerp_(self.own[name], share)


class EMA(Averaging):
    r"""The exponential moving average.

    .. math:: \bar\theta \leftarrow d\,\bar\theta + (1 - d)\,\theta

    At first, while :math:`(1 + t) / (10 + t)` is smaller than the decay, it is used in its place.

    Args:
        model: the model in training.
        total_steps: how many steps the run will have.
        decay: :math:`d`.

    Raises:
        ValueError: when ``decay`` does not lie between 0 and 1.

    Reference: B. Polyak, A. Juditsky, Acceleration of stochastic approximation by averaging, 1992.

    Example::

        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.zeros_(model.weight)
        >>> average = EMA(model, total_steps=2, decay=0.5)
        >>> _ = nn.init.ones_(model.weight)
        >>> average.update(step=100)
        >>> with average.applied():
        ...     model.weight.item()
        0.5
        >>> model.weight.item()
        1.0
    """

    def __init__(self, model: nn.Module, total_steps: int, decay: float = 0.999) -> None:
        if not 0.0 <= decay < 1.0:
            raise ValueError(f"decay must be at least 0 and below 1, got {decay}")
        super().__init__(model, total_steps)
        self.decay = decay

    def update(self, step: int) -> None:
        """Take the weights after ``step`` steps into account."""
        self._approach(1.0 - min(self.decay, (1 + step) / (10 + step)))


class Lookahead(Averaging):
    r"""Every few steps, move the average towards the weights, and put the weights where it is.

    .. math:: \bar\theta \leftarrow d_t\,\bar\theta + (1 - d_t)\,\theta, \quad
        \theta \leftarrow \bar\theta, \qquad d_t = d\,(t / T)^p

    Args:
        model: the model in training.
        total_steps: :math:`T`, how many steps the run will have.
        every: how many steps lie between two moves.
        decay: :math:`d`, what the decay grows to at the end of the run.
        power: :math:`p`, how late it grows.

    Raises:
        ValueError: when ``decay`` does not lie between 0 and 1 or another number is not positive.

    References: M. Zhang et al., Lookahead optimizer: k steps forward, 1 step back,
    arXiv:1907.08610; with a growing decay, K. Jordan, arXiv:2404.00498.

    Example::

        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.zeros_(model.weight)
        >>> average = Lookahead(model, total_steps=10, every=5, decay=0.8, power=1.0)
        >>> _ = nn.init.ones_(model.weight)
        >>> for step in range(1, 6):
        ...     average.update(step)
        >>> round(model.weight.item(), 4)
        0.6
    """

    def __init__(
        self,
        model: nn.Module,
        total_steps: int,
        every: int = 5,
        decay: float = 0.95**5,
        power: float = 3.0,
    ) -> None:
        if not 0.0 <= decay <= 1.0:
            raise ValueError(f"decay must lie between 0 and 1, got {decay}")
        if every < 1 or power <= 0:
            raise ValueError(f"every and power must be positive, got {every} and {power}")
        super().__init__(model, total_steps)
        self.every = every
        self.decay = decay
        self.power = power

    def update(self, step: int) -> None:
        """Take the weights after ``step`` steps into account, when it is time to."""
        if step % self.every == 0:
            progress = min(1.0, step / self.total_steps)
            self._approach(1.0 - self.decay * progress**self.power)
            _write(self.average, self.own)


def _copies(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _write(values: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Copy ``values`` into ``tensors`` of the same names."""
    with minitorch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(values[name])
