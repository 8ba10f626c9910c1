"""Parameters chosen by name: learning rates and decays of their own, and epochs to learn in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minitorch import nn, optim


@dataclass(frozen=True)
class ParameterGroup:
    """What is different for the parameters whose name a pattern is found in.

    Args:
        match: a regular expression, searched for in names such as ``layer1.0.bn1.bias``.
        lr_scale: multiplies the learning rate of the optimizer.
        weight_decay_scale: multiplies its weight decay.
        from_epoch: the parameters stay as they are before this epoch, counted from 0.
        until_epoch: they stay as they are from this epoch on; None lets them learn to the end.

    Raises:
        ValueError: when the pattern is not a regular expression, a number is negative or
            ``until_epoch`` is before ``from_epoch``.

    Example::

        >>> ParameterGroup(r"bias$", weight_decay_scale=0.0).learns(epoch=0)
        True
    """

    match: str
    lr_scale: float = 1.0
    weight_decay_scale: float = 1.0
    from_epoch: int = 0
    until_epoch: int | None = None

    def __post_init__(self) -> None:
        try:
            re.compile(self.match)
        except re.error as error:
            raise ValueError(f"match={self.match!r} is not a regular expression: {error}") from None
        for name in ("lr_scale", "weight_decay_scale", "from_epoch", "until_epoch"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} must not be negative, got {value}")
        if self.until_epoch is not None and self.until_epoch < self.from_epoch:
            raise ValueError(
                f"until_epoch must not be before from_epoch, got {self.until_epoch} and "
                f"{self.from_epoch}"
            )

    def learns(self, epoch: int) -> bool:
        """Whether the parameters of this group learn in ``epoch``, counted from 0."""
        return self.from_epoch <= epoch and (self.until_epoch is None or epoch < self.until_epoch)


@dataclass(frozen=True)
class GroupedParameters:
    """The parameters of a model that learn, by the first rule that fits; ``rest`` fits none."""

    rest: list[nn.Parameter]
    grouped: list[tuple[ParameterGroup, list[nn.Parameter]]]

    @classmethod
    def of(cls, model: nn.Module, rules: Sequence[ParameterGroup]) -> GroupedParameters:
        """Sort the parameters of ``model``.

        Raises:
            ValueError: when a rule fits no parameter.
        """
        rest: list[nn.Parameter] = []
        grouped: list[tuple[ParameterGroup, list[nn.Parameter]]] = [(rule, []) for rule in rules]
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                fitting = (chosen for rule, chosen in grouped if re.search(rule.match, name))
                next(fitting, rest).append(parameter)
        for rule, chosen in grouped:
            if not chosen:
                raise ValueError(f"parameter_groups: match={rule.match!r} fits no parameter")
        return cls(rest, grouped)

    def check(self, max_epochs: int) -> None:
        """Make sure that something learns in each epoch.

        Raises:
            ValueError: when there is one in which no parameter learns.
        """
        if self.rest:
            return
        rules = [rule for rule, _ in self.grouped]
        changes = {0, *(rule.until_epoch or 0 for rule in rules)}  # where learning can end
        for epoch in sorted(changes):
            if epoch < max_epochs and not any(rule.learns(epoch) for rule in rules):
                raise ValueError(
                    f"parameter_groups: no parameter learns in epoch {epoch} (from_epoch and "
                    "until_epoch count from 0)"
                )

    def optimizer(self, make: Any) -> optim.Optimizer:
        """Call ``make``, an optimizer that waits for its parameters, and scale what rules scale."""
        if not self.grouped:
            built: optim.Optimizer = make(self.rest)
            return built
        lists = [self.rest] if self.rest else []
        lists += [chosen for _, chosen in self.grouped]
        built = make([{"params": chosen} for chosen in lists])
        own = built.param_groups[-len(self.grouped) :]
        for (rule, _), group in zip(self.grouped, own, strict=True):
            group["lr"] = group["lr"] * rule.lr_scale
            group["weight_decay"] = group["weight_decay"] * rule.weight_decay_scale
        return built

    def begin_epoch(self, epoch: int) -> None:
        """Let the parameters learn whose epoch it is, and no others."""
        for rule, chosen in self.grouped:
            learns = rule.learns(epoch)
            for parameter in chosen:
                parameter.requires_grad_(learns)
                if not learns:
                    parameter.grad = None
