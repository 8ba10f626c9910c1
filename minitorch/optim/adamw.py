"""AdamW: Adam with weight decay that does not pass through the averages."""

from __future__ import annotations

from typing import Any

from minitorch.optim.adam import Adam
from minitorch.optim.optimizer import ParamsT


class AdamW(Adam):
    r"""Adam with decoupled weight decay.

    .. math:: \theta \leftarrow (1 - \gamma\lambda)\,\theta, \text{ then a step of Adam}

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: learning rate :math:`\gamma`.
        betas: how slowly the two averages forget.
        eps: keeps the division finite.
        weight_decay: :math:`\lambda`.
        amsgrad: divide by the largest second average so far.
        maximize: ascend instead of descend.
        foreach, capturable, differentiable, fused: only their defaults are supported.

    Raises:
        ValueError: for a negative option, or a beta outside [0, 1).

    Reference: Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, arXiv:1711.05101.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.AdamW([w], lr=0.1, weight_decay=0.5)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8500], requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a saved state; the decay stays decoupled, whoever wrote it."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
