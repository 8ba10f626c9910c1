"""RAdam: Adam that does without root mean squares until enough gradients have made them."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_betas, check_not_negative, decayed
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class RAdam(Optimizer):
    r"""RAdam: Adam that takes plain steps until its root mean square is known, then short ones.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \rho_\infty &= \frac{2}{1 - \beta_2} - 1, \qquad
        \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} \\
        r_t &= \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}
            {(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}} \\
        \theta &\leftarrow \theta - \frac{\gamma m}{1 - \beta_1^t} \cdot
            \begin{cases} r_t \sqrt{1 - \beta_2^t} / (\sqrt{v} + \epsilon) & \rho_t > 5 \\
            1 & \text{otherwise} \end{cases}

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        betas: :math:`(\beta_1, \beta_2)`, how slowly the two averages forget.
        eps: :math:`\epsilon`, which keeps the division finite.
        weight_decay: :math:`\lambda`: added to the gradient as :math:`\lambda \theta`.
        decoupled_weight_decay: shrink the parameters by :math:`1 - \gamma\lambda` instead.
        maximize: ascend instead of descend.
        foreach, capturable, differentiable: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Reference: Liu et al., *On the Variance of the Adaptive Learning Rate and Beyond*,
    arXiv:1908.03265.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.RAdam([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([ 0.8000, -1.6000], requires_grad=True)
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr=lr, eps=eps)
        check_betas(betas)
        check_not_negative(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the two averages, both zero."""
        return {name: np.zeros_like(p) for name in ("exp_avg", "exp_avg_sq")}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the averages, then the parameter."""
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = decayed(p, g, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        kernels.blend(mean, beta1, g, 1 - beta1)
        change = kernels.blend_square(square, beta2, g, 1 - beta2)
        rate = lr / (1 - beta1**step)
        unbiased = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / unbiased
        if length <= 5:  # of too few gradients to tell how much they vary
            kernels.blend(p, 1, mean, -rate)
            return
        known = (length - 4) * (length - 2) * longest
        known /= (longest - 4) * (longest - 2) * length
        np.sqrt(square, out=change)
        change += group["eps"]
        np.divide(mean, change, out=change)
        kernels.blend(p, 1, change, -rate * (unbiased * known) ** 0.5)
