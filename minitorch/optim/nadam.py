"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_betas, check_not_negative, decayed
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class NAdam(Optimizer):
    r"""NAdam: Adam that looks one step of its momentum ahead.

    .. math::
        \mu_t &= \beta_1 (1 - 0.5 \cdot 0.96^{t \psi}), \qquad
        m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \frac{\gamma}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} \left(
            \frac{(1 - \mu_t) g}{1 - \prod_{i \le t} \mu_i}
            + \frac{\mu_{t+1} m}{1 - \prod_{i \le t + 1} \mu_i} \right)

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        betas: :math:`(\beta_1, \beta_2)`, how slowly the two averages forget.
        eps: :math:`\epsilon`, which keeps the division finite.
        weight_decay: :math:`\lambda`: added to the gradient as :math:`\lambda \theta`.
        momentum_decay: :math:`\psi`, how fast the momentum grows.
        decoupled_weight_decay: shrink the parameters by :math:`1 - \gamma\lambda` instead.
        maximize: ascend instead of descend.
        foreach, capturable, differentiable: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Reference: Dozat, *Incorporating Nesterov Momentum into Adam*, ICLR workshop, 2016.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.NAdam([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([ 0.8944, -1.8944], requires_grad=True)
    """

    counts_steps = True
    numbers = ("mu_product",)

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr=lr, eps=eps)
        check_betas(betas)
        check_not_negative(weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the product of all momenta so far, 1, and the two averages, zero."""
        averages = {name: np.zeros_like(p) for name in ("exp_avg", "exp_avg_sq")}
        return {"mu_product": np.ones((), np.float32), **averages}

    def advance(self, numbers: Group, step: float, group: Group) -> Group:
        """Multiply this step's momentum to the product."""
        return {"mu_product": numbers["mu_product"] * _momentum(step, group)}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the averages, then the parameter."""
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = decayed(p, g, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        kernels.blend(mean, beta1, g, 1 - beta1)
        change = kernels.blend_square(square, beta2, g, 1 - beta2)
        np.multiply(square, 1 / (1 - beta2**step), out=change)
        np.sqrt(change, out=change)
        change += group["eps"]
        product = float(group["mu_product"] * _momentum(step, group))  # rounded as it is kept
        following = _momentum(step + 1, group)
        ahead = g * (lr * (1 - _momentum(step, group)) / (1 - product))
        ahead += mean * (lr * following / (1 - product * following))
        np.divide(ahead, change, out=change)
        p -= change


def _momentum(step: float, group: Group) -> float:
    """Return the momentum of a step."""
    return float(group["betas"][0] * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"])))
