"""Schedulers that multiply the rate by a function of the step."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from minitorch.optim.lr_scheduler.base import LRScheduler
from minitorch.optim.optimizer import Optimizer

LRLambda = Callable[[int], float]


class _FunctionLR(LRScheduler):
    """A factor for each group, from a function of the step."""

    lr_lambdas: list[Any]

    def __init__(
        self, optimizer: Optimizer, lr_lambda: LRLambda | list[LRLambda], last_epoch: int = -1
    ) -> None:
        count = len(optimizer.param_groups)
        functions = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(functions) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(functions)}")
        for function in functions:
            if not callable(function):
                raise TypeError(
                    f"lr_lambda should be a function, but got {type(function).__name__}"
                )
        self.lr_lambdas = functions
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and the functions; of objects, their attributes."""
        state = super().state_dict()
        state["lr_lambdas"] = [
            None if isinstance(function, types.FunctionType) else function.__dict__.copy()
            for function in self.lr_lambdas
        ]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a saved state; the functions are those given to the constructor."""
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "lr_lambdas"})
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                function.__dict__.update(attributes)


class LambdaLR(_FunctionLR):
    """The initial rate times a function of the step.

    Args:
        optimizer: whose rate is set.
        lr_lambda: from the step to a factor; or a list with one for each group.
        last_epoch: steps taken before; -1 starts anew.

    Example:
        >>> import minitorch
        >>> optimizer = minitorch.optim.SGD([minitorch.ones(1, requires_grad=True)], lr=1.0)
        >>> from minitorch.optim.lr_scheduler import LambdaLR
        >>> scheduler = LambdaLR(optimizer, lambda step: 1 / (1 + step))
        >>> for _ in range(3):
        ...     optimizer.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.25]
    """

    def get_lr(self) -> list[float]:
        """Return the initial rates times the factors of this step."""
        self._warn_outside_step()
        return [
            base_lr * function(self.last_epoch)
            for function, base_lr in zip(self.lr_lambdas, self.base_lrs, strict=True)
        ]


class MultiplicativeLR(_FunctionLR):
    """The present rate times a function of the step.

    Args:
        optimizer: whose rate is set.
        lr_lambda: from the step to a factor; or a list with one for each group.
        last_epoch: steps taken before; -1 starts anew.
    """

    def get_lr(self) -> list[float]:
        """Return the present rates times the factors of this step."""
        self._warn_outside_step()
        if self._is_initial:
            return self._current()
        return [
            group["lr"] * function(self.last_epoch)
            for function, group in zip(self.lr_lambdas, self.optimizer.param_groups, strict=True)
        ]
