"""RMSprop: gradients divided by the root of their recent mean square."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class RMSprop(Optimizer):
    r"""Divides each element of the gradient by the root mean square of its recent values.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta, \qquad
        v \leftarrow \alpha v + (1 - \alpha) g^2 \\
        d &= \sqrt{v} + \epsilon, \qquad \text{centered: } a \leftarrow \alpha a + (1 - \alpha) g,
            \quad d = \sqrt{v - a^2} + \epsilon \\
        b &\leftarrow \mu b + g / d, \qquad \theta \leftarrow \theta - \gamma b

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        alpha: how slowly the averages forget.
        eps: keeps the division finite.
        weight_decay: the L2 penalty :math:`\lambda`.
        momentum: :math:`\mu`; 0 keeps no buffer.
        centered: divide by an estimate of the standard deviation.
        maximize: ascend instead of descend.
        capturable, foreach, differentiable: only their defaults are supported.

    Raises:
        ValueError: for a negative option.

    Reference: Hinton, *Neural Networks for Machine Learning*, lecture 6e, 2012; Graves,
    *Generating Sequences With Recurrent Neural Networks*, arXiv:1308.0850 (`centered`).

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.RMSprop([w], lr=0.01)
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
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(
            lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha
        )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the mean square, and what `momentum` and `centered` need, all zero."""
        names = ["square_avg"]
        names += ["momentum_buffer"] * bool(group["momentum"]) + ["grad_avg"] * bool(
            group["centered"]
        )
        return {name: np.zeros_like(p) for name in names}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the averages, then the parameter."""
        g = descent(p, g, group)
        alpha, momentum = group["alpha"], group["momentum"]
        square = state["square_avg"]
        kernels.blend_square(square, alpha, g, 1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"]
            mean += (1 - alpha) * (g - mean)
            square = square - mean * mean
        change = np.sqrt(square)
        change += group["eps"]
        change = g / change
        if momentum:
            buffer = state["momentum_buffer"]
            kernels.blend(buffer, momentum, change, 1)
            change = buffer
        kernels.blend(p, 1, change, -group["lr"])
