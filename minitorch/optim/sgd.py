"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative, descent
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class SGD(Optimizer):
    r"""Stochastic gradient descent, optionally with (Nesterov) momentum.

    .. math::
        g &\leftarrow \nabla f(\theta) + \lambda \theta \\
        b &\leftarrow \mu b + (1 - \tau) g, \qquad b = g \text{ at the first step} \\
        \theta &\leftarrow \theta - \gamma b,
            \qquad \text{Nesterov: } \theta \leftarrow \theta - \gamma (g + \mu b)

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        momentum: :math:`\mu`; 0 keeps no buffer.
        dampening: :math:`\tau`.
        weight_decay: the L2 penalty :math:`\lambda`.
        nesterov: look ahead; needs a momentum and no dampening.
        maximize: ascend instead of descend.
        foreach, differentiable, fused: only their defaults are supported.

    Raises:
        ValueError: for a negative rate, momentum or decay, or an impossible `nesterov`.

    Reference: Sutskever et al., *On the importance of initialization and momentum in deep
    learning*, 2013.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=0.1, momentum=0.9)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000, 1.6000], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the buffer, or nothing without momentum."""
        return {"momentum_buffer": np.zeros_like(p)} if group["momentum"] else {}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the buffer, then the parameter along it."""
        g = descent(p, g, group)
        momentum = group["momentum"]
        if momentum:
            buffer = state["momentum_buffer"]
            dampening = 0 if step == 1 else group["dampening"]
            kernels.blend(buffer, momentum, g, 1 - dampening)
            g = g + momentum * buffer if group["nesterov"] else buffer
        kernels.blend(p, 1, g, -group["lr"])


class Momentum(SGD):
    """`SGD` with `momentum` 0.9 by default: the name under which courses teach it.

    Example:
        >>> import minitorch
        >>> w = minitorch.ones(1, requires_grad=True)
        >>> minitorch.optim.Momentum([w], lr=0.1).defaults["momentum"]
        0.9
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.9,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, momentum, dampening, weight_decay, nesterov, maximize=maximize)
