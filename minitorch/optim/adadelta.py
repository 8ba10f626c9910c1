"""Adadelta: gradients in the units of the recent changes."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Adadelta(Optimizer):
    r"""Scales each element of the gradient by the ratio of recent changes to recent gradients.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta, \qquad
        v \leftarrow \rho v + (1 - \rho) g^2 \\
        \Delta &= \frac{\sqrt{u + \epsilon}}{\sqrt{v + \epsilon}}\, g, \qquad
        u \leftarrow \rho u + (1 - \rho) \Delta^2, \qquad \theta \leftarrow \theta - \gamma \Delta

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`, by which the change is scaled.
        rho: how slowly the averages forget.
        eps: :math:`\epsilon`; also the size of the first changes.
        weight_decay: the L2 penalty :math:`\lambda`.
        maximize: ascend instead of descend.
        foreach, capturable, differentiable: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or `rho` above 1.

    Reference: Zeiler, *ADADELTA: An Adaptive Learning Rate Method*, arXiv:1212.5701.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adadelta([w])
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> round(1 - w.item(), 5)
        0.00316
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_not_negative(eps=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the mean squares of gradients and of changes, both zero."""
        return {"square_avg": np.zeros_like(p), "acc_delta": np.zeros_like(p)}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move both averages, then the parameter."""
        g = descent(p, g, group)
        rho, eps = group["rho"], group["eps"]
        square, accumulated = state["square_avg"], state["acc_delta"]
        kernels.blend_square(square, rho, g, 1 - rho)
        change = np.sqrt(accumulated + eps)
        change /= np.sqrt(square + eps)
        change *= g
        kernels.blend_square(accumulated, rho, change, 1 - rho)
        kernels.blend(p, 1, change, -group["lr"])
