"""Adagrad: gradients divided by the root of the sum of all their squares."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Adagrad(Optimizer):
    r"""Divides each element of the gradient by the root of the sum of its squares so far.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta, \qquad s \leftarrow s + g^2 \\
        \theta &\leftarrow \theta - \frac{\gamma}{1 + (t - 1) \eta} \frac{g}{\sqrt{s} + \epsilon}

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        lr_decay: :math:`\eta`.
        weight_decay: the L2 penalty :math:`\lambda`.
        initial_accumulator_value: :math:`s` before the first step.
        eps: keeps the division finite.
        maximize: ascend instead of descend.
        foreach, differentiable, fused: only their defaults are supported.

    Raises:
        ValueError: for a negative option.

    Reference: Duchi, Hazan and Singer, *Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization*, JMLR 12, 2011.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adagrad([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:  # as in torch, the state is there before the first step
            for p in group["params"]:
                self._start(p, group)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the sum of squares before the first step."""
        return {"sum": np.full_like(p, group["initial_accumulator_value"])}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Add to the sum, then move the parameter."""
        g = descent(p, g, group)
        total = state["sum"]
        total += g * g
        change = np.sqrt(total)
        change += group["eps"]
        change = g / change
        kernels.blend(p, 1, change, -group["lr"] / (1 + (step - 1) * group["lr_decay"]))
