"""Adamax: Adam with the largest recent gradient in place of the root mean square."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_betas, check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Adamax(Optimizer):
    r"""Adamax: steps along the mean of recent gradients, divided by the largest of them.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta, \qquad
        m \leftarrow \beta_1 m + (1 - \beta_1) g \\
        u &\leftarrow \max(\beta_2 u, |g| + \epsilon), \qquad
        \theta \leftarrow \theta - \frac{\gamma}{1 - \beta_1^t} \frac{m}{u}

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        betas: :math:`(\beta_1, \beta_2)`, how slowly the mean and the maximum forget.
        eps: :math:`\epsilon`, which keeps the division finite.
        weight_decay: the L2 penalty :math:`\lambda`.
        maximize: ascend instead of descend.
        foreach, differentiable, capturable: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Reference: Kingma and Ba, *Adam: A Method for Stochastic Optimization*, arXiv:1412.6980.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adamax([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([ 0.9000, -1.9000], requires_grad=True)
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(lr=lr, eps=eps)
        check_betas(betas)
        check_not_negative(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the mean and the maximum, both zero."""
        return {name: np.zeros_like(p) for name in ("exp_avg", "exp_inf")}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the mean and the maximum, then the parameter."""
        g = descent(p, g, group)
        beta1, beta2 = group["betas"]
        mean, largest = state["exp_avg"], state["exp_inf"]
        kernels.blend(mean, beta1, g, 1 - beta1)
        change = np.abs(g, out=kernels.temporary(p))
        change += group["eps"]
        largest *= beta2
        np.maximum(largest, change, out=largest)
        np.divide(mean, largest, out=change)
        kernels.blend(p, 1, change, -group["lr"] / (1 - beta1**step))
