"""Adafactor: Adam's second average in a row and a column for each matrix."""

from __future__ import annotations

import numpy as np

from minitorch.optim.optimizer import Group, Optimizer, ParamsT


class Adafactor(Optimizer):
    r"""Divides by root mean squares that are kept as one row and one column.

    .. math::
        \rho_t &= \min(\gamma, 1 / \sqrt{t}), \qquad
        \alpha_t = \max(\epsilon_2, \mathrm{RMS}(\theta)) \rho_t, \qquad
        \hat\beta_t = 1 - t^\tau \\
        r &\leftarrow \hat\beta_t r + (1 - \hat\beta_t) \mathrm{mean}_{columns}(g^2), \qquad
        c \leftarrow \hat\beta_t c + (1 - \hat\beta_t) \mathrm{mean}_{rows}(g^2) \\
        u &= g \big/ \max(\sqrt{r c / \max(\mathrm{mean}(r), \epsilon_1)}, \epsilon_1), \qquad
        \theta \leftarrow (1 - \gamma \lambda) \theta
            - \frac{\alpha_t u}{\max(1, \mathrm{RMS}(u) / d)}

    A vector's squares are averaged as they are. There is no momentum, so that a matrix of
    :math:`n \times m` costs :math:`n + m` numbers of state.

    Args:
        params: parameters, (name, parameter) pairs, or groups.
        lr: :math:`\gamma`, the largest relative step.
        beta2_decay: :math:`\tau`, not positive: how fast the average's memory grows.
        eps: :math:`(\epsilon_1, \epsilon_2)`, of which None for the first is the machine precision
            of the parameter.
        d: the root mean square at which an update is clipped, at least 1.
        weight_decay: :math:`\lambda`, decoupled from the gradient.
        foreach: only its default is supported.
        maximize: ascend instead of descend.

    Raises:
        ValueError: for an option outside its range.

    Reference: Shazeer and Stern, *Adafactor: Adaptive Learning Rates with Sublinear Memory Cost*,
    arXiv:1804.04235.

    Example:
        >>> import minitorch
        >>> w = minitorch.ones(3, 2, requires_grad=True)
        >>> optimizer = minitorch.optim.Adafactor([w], lr=0.1)
        >>> w.square().sum().backward()
        >>> optimizer.step()
        >>> [list(state.shape) for state in optimizer.state[w].values()]
        [[], [3, 1], [1, 2]]
    """

    counts_steps = True
    elementwise = False

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if not lr >= 0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": tuple(eps),
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return a row and a column of zeros for each matrix, or the zeros of a vector."""
        if p.ndim < 2:
            return {"variance": np.zeros_like(p)}
        *others, rows, columns = p.shape
        return {
            "row_var": np.zeros((*others, rows, 1), p.dtype),
            "col_var": np.zeros((*others, 1, columns), p.dtype),
        }

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Move the averages, then the parameter."""
        if p.size == 0:
            return
        g = -g if group["maximize"] else g
        tiny, least = group["eps"]
        tiny = float(np.finfo(p.dtype).eps) if tiny is None else tiny
        rate = max(least, _root_mean_square(p)) * min(group["lr"], step**-0.5)
        p *= 1 - group["lr"] * group["weight_decay"]

        share = step ** group["beta2_decay"]
        square = g * g
        if p.ndim < 2:
            _approach(state["variance"], square, share)
            estimate = state["variance"]
        else:
            row, column = state["row_var"], state["col_var"]
            _approach(row, square.mean(-1, keepdims=True), share)
            _approach(column, square.mean(-2, keepdims=True), share)
            estimate = row * column / np.maximum(row.mean(-2, keepdims=True), tiny)
        change = g / np.sqrt(np.maximum(estimate, tiny * tiny))
        change *= rate / max(1.0, _root_mean_square(change) / group["d"])
        p -= change


def _approach(average: np.ndarray, value: np.ndarray, share: float) -> None:
    """Move an average by a share of its distance to a value."""
    average += (value - average) * share


def _root_mean_square(x: np.ndarray) -> float:
    wide = np.result_type(x, np.float32)  # float16 overflows
    return float(np.linalg.norm(x.astype(wide, copy=False))) / x.size**0.5
