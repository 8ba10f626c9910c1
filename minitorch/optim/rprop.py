"""Rprop: the signs of the gradients, and a step size for every element."""

from __future__ import annotations

import numpy as np

from minitorch import kernels
from minitorch.optim._common import check_not_negative
from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Rprop(Optimizer):
    r"""Resilient backpropagation, for gradients of the whole data set.

    The step size of an element grows by :math:`\eta^+` while its gradient keeps its sign. When the
    sign turns, it shrinks by :math:`\eta^-`, and the element stays where it is for once:

    .. math::
        s &\leftarrow \mathrm{clip}\left(s \cdot \begin{cases} \eta^+ & g\,g' > 0 \\
            \eta^- & g\,g' < 0 \\ 1 & \text{otherwise} \end{cases}\right) \\
        g &\leftarrow 0 \text{ if } g\,g' < 0, \qquad
        \theta \leftarrow \theta - s\,\mathrm{sign}(g), \qquad g' \leftarrow g

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: the first step size.
        etas: :math:`(\eta^-, \eta^+)`.
        step_sizes: the smallest and the largest step size.
        maximize: ascend instead of descend.
        capturable, foreach, differentiable: only their defaults are supported.

    Raises:
        ValueError: for a negative `lr`, or unless :math:`0 < \eta^- < 1 < \eta^+`.

    Reference: Riedmiller and Braun, *A Direct Adaptive Method for Faster Backpropagation Learning:
    The RPROP Algorithm*, ICNN, 1993.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = minitorch.optim.Rprop([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([   0.9000, -199.9000], requires_grad=True)
    """

    counts_steps = True

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": tuple(etas),
            "step_sizes": tuple(step_sizes),
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the gradient before, zero, and the step sizes."""
        return {"prev": np.zeros_like(p), "step_size": np.full_like(p, group["lr"])}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Change the step sizes, then the parameter."""
        before, size = state["prev"], state["step_size"]
        shrink, grow = group["etas"]
        g = -g if group["maximize"] else g
        agreement = g * before
        turned = agreement < 0
        size *= np.where(turned, shrink, np.where(agreement > 0, grow, 1)).astype(p.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        before[...] = g
        before[turned] = 0
        p -= kernels.sign(before) * size  # of NaN it is 0
