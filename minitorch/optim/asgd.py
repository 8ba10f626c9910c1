"""ASGD: gradient descent, and the average of where it was."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class ASGD(Optimizer):
    r"""Averaged stochastic gradient descent.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta, \qquad
        \theta \leftarrow (1 - \lambda_0 \eta) \theta - \eta g, \qquad
        a \leftarrow a + \mu (\theta - a) \\
        \eta &\leftarrow \frac{\gamma}{(1 + \lambda_0 \gamma t)^\alpha}, \qquad
        \mu \leftarrow \frac{1}{\max(1, t - t_0)}

    The average :math:`a` is in the state as ``"ax"``; the model keeps :math:`\theta`.

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`, the first :math:`\eta`.
        lambd: :math:`\lambda_0`, the decay.
        alpha: :math:`\alpha`, how fast :math:`\eta` falls.
        t0: :math:`t_0`, the step at which averaging starts.
        weight_decay: the L2 penalty :math:`\lambda`.
        maximize: ascend instead of descend.
        foreach, differentiable, capturable: only their defaults are supported.

    Raises:
        ValueError: for a negative rate or penalty.

    Reference: Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*, SIAM
    Journal on Control and Optimization 30, 1992.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.ASGD([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000], requires_grad=True)
    """

    counts_steps = True
    numbers = ("eta", "mu")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the rates of the step and of the average, and the average."""
        eta, mu = np.array(group["lr"], np.float32), np.ones((), np.float32)
        return {"eta": eta, "mu": mu, "ax": np.zeros_like(p)}

    def advance(self, numbers: Group, step: float, group: Group) -> Group:
        """Return the rates of the next step."""
        lr = group["lr"]
        eta = lr / (1 + group["lambd"] * lr * step) ** group["alpha"]
        return {"eta": np.float32(eta), "mu": np.float32(1 / max(1, step - group["t0"]))}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the parameter, then the average."""
        g = descent(p, g, group)
        eta, share = float(group["eta"]), float(group["mu"])
        kernels.blend(p, 1 - group["lambd"] * eta, g, -eta)
        average = state["ax"]
        if share == 1:
            average[...] = p
        else:
            average += (p - average) * share
