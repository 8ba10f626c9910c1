"""Adam: momentum, with a step size for every element."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_betas, check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Adam(Optimizer):
    r"""Adam: steps along the mean of recent gradients, divided by their root mean square.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \gamma \frac{m / (1 - \beta_1^t)}
            {\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        betas: :math:`(\beta_1, \beta_2)`, how slowly the two averages forget.
        eps: :math:`\epsilon`, which keeps the division finite.
        weight_decay: the L2 penalty :math:`\lambda`.
        amsgrad: divide by the largest :math:`v` so far.
        maximize: ascend instead of descend.
        decoupled_weight_decay: shrink the parameters by :math:`1 - \gamma\lambda` instead of
            adding to the gradient: what `AdamW` does.
        foreach, capturable, differentiable, fused: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Reference: Kingma and Ba, *Adam: A Method for Stochastic Optimization*, arXiv:1412.6980; Reddi
    et al., *On the Convergence of Adam and Beyond*, arXiv:1904.09237 (`amsgrad`).

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Adam([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([ 0.9000, -1.9000], requires_grad=True)
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_not_negative(lr=lr, eps=eps)
        check_betas(betas)
        check_not_negative(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the two averages, and with `amsgrad` the largest second one, all zero."""
        names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * bool(group["amsgrad"])
        return {name: np.zeros_like(p) for name in names}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the averages, then the parameter."""
        lr, (beta1, beta2) = group["lr"], group["betas"]
        keep = 1.0
        if not group["decoupled_weight_decay"]:
            g = descent(p, g, group)
        else:
            keep -= lr * group["weight_decay"]
            g = -g if group["maximize"] else g
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        kernels.blend(mean, beta1, g, 1 - beta1)
        change = kernels.blend_square(square, beta2, g, 1 - beta2)
        if group["amsgrad"]:
            square = np.maximum(state["max_exp_avg_sq"], square, out=state["max_exp_avg_sq"])
        # Both corrections of the averages, which start at zero, go into two numbers.
        root = (1 - beta2**step) ** 0.5
        np.sqrt(square, out=change)
        change += root * group["eps"]
        np.divide(mean, change, out=change)
        kernels.blend(p, keep, change, -lr / (1 - beta1**step) * root)
