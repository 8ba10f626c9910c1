"""The base of the schedulers that compute a learning rate from the number of steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from minitorch.notices import warn
from minitorch.optim.optimizer import Optimizer

_ORDER = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. "
    "In PyTorch 1.1.0 and later, you should call them in the opposite order: "
    "`optimizer.step()` before `lr_scheduler.step()`.  Failure to do this "
    "will result in PyTorch skipping the first value of the learning rate schedule. "
    "See more details at "
    "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)
_OVERRIDDEN = (
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
    "initialization. Please, make sure to call `optimizer.step()` before "
    "`lr_scheduler.step()`. See more details at "
    "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)
EPOCH_DEPRECATED = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
    "possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if "
    "epoch is different from None, the closed form is used instead of the new chainable form, "
    "where available."
)


class LRScheduler:
    """Adjusts the learning rate of every parameter group each time `step` is called.

    A subclass writes `get_lr`, the rates for step `last_epoch`. Most compute them from the
    present rates, so that several schedulers of one optimizer multiply their effects. It may add
    ``_get_closed_form_lr``, the same rates from `base_lrs` alone.

    Args:
        optimizer: whose groups' ``"lr"`` is set.
        last_epoch: how many steps were taken before; -1 starts anew and keeps each group's
            present rate as its ``"initial_lr"``.

    Raises:
        TypeError: if `optimizer` is none.
        KeyError: when resuming with groups that have no ``"initial_lr"``.

    Example:
        >>> import minitorch
        >>> from minitorch.optim.lr_scheduler import LRScheduler
        >>> class Halve(LRScheduler):
        ...     def get_lr(self):
        ...         return [base_lr * 0.5**self.last_epoch for base_lr in self.base_lrs]
        >>> optimizer = minitorch.optim.SGD([minitorch.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = Halve(optimizer)
        >>> optimizer.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.4]
    """

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        require_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming "
                    "scheduler with last_epoch >= 0.\nThis typically happens when:\n"
                    "1. You're trying to resume training from a checkpoint but haven't properly "
                    "loaded the optimizer state\n"
                    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        _watch_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates of step 0."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> list[float]:
        """Return the rate of each group for step `last_epoch`. For `step`; see `get_last_lr`."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """Return the rate of each group, as last set by this scheduler."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next step.

        Args:
            epoch: deprecated; go to this step instead.
        """
        if self._step_count == 1:
            self._warn_about_order()
        self._step_count += 1
        if epoch is not None:
            warn(EPOCH_DEPRECATED)
        self._update_lr(epoch)

    def _warn_about_order(self) -> None:
        optimizer: Any = self.optimizer
        if vars(optimizer).get("step") is not optimizer._watched_step:
            warn(_OVERRIDDEN)
        elif not optimizer._opt_called:
            warn(_ORDER)

    def _update_lr(self, epoch: int | None = None) -> None:
        with self._inside_step():
            if epoch is None:
                self.last_epoch += 1
                values = self.get_lr()
            else:
                self.last_epoch = epoch
                values = getattr(self, "_get_closed_form_lr", self.get_lr)()
        self._set_lr(values)

    def _set_lr(self, values: list[float]) -> None:
        for group, value in zip(self.optimizer.param_groups, values, strict=True):
            group["lr"] = value
        self._last_lr = self._current()

    def _current(self) -> list[float]:
        """Return the rate that each group has now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def _scaled(self, factor: float) -> list[float]:
        """Return the present rates, all times `factor`."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    @contextlib.contextmanager
    def _inside_step(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warn(
                "To get the last learning rate computed by the scheduler, "
                "please use `get_last_lr()`.",
            )

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned."""
        self.__dict__.update(state_dict)


def require_optimizer(optimizer: Any) -> None:
    """Raise TypeError if `optimizer` is none."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return one value for each group; ValueError for a list of another length."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. "
            f"{name} has {len(value)} values, param_groups has {count}."
        )
    return list(value)


def _watch_steps(optimizer: Any) -> None:
    """Make the optimizer remember whether it stepped after its first scheduler was made."""
    if not hasattr(optimizer, "_opt_called"):
        optimizer._opt_called = False
        optimizer._watched_step = vars(optimizer).get("step")
        optimizer.register_step_pre_hook(_mark_called)


def _mark_called(optimizer: Any, *_: Any) -> None:
    optimizer._opt_called = True
