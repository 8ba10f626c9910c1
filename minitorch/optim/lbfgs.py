"""L-BFGS: Newton's method with the curvature that recent steps have shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd import enable_grad
from minitorch.optim._common import check_not_negative
from minitorch.optim._line_search import Point, Search
from minitorch.optim.optimizer import Closure, Optimizer, ParamsT
from minitorch.tensor import Tensor, wrap

_CURVED = 1e-10  # what a step must show of curvature to be remembered


class LBFGS(Optimizer):
    r"""Limited-memory BFGS, for losses that are the same at every call.

    A step multiplies the gradient by an estimate of the inverse Hessian, made of the last changes
    :math:`s_i` of the parameters and :math:`y_i` of the gradient, and goes there, or with
    ``line_search_fn="strong_wolfe"`` as far in that direction as pays. One call of `step` makes up
    to `max_iter` of them, and calls the closure at least once for each.

    Args:
        params: parameters, or one group.
        lr: learning rate; the first iteration moves all elements together by no more.
        max_iter: iterations a step.
        max_eval: calls of the closure after which a step begins no iteration; 1.25 times `max_iter`
            by default.
        tolerance_grad: stop when no element of the gradient is larger.
        tolerance_change: stop when the loss, or every parameter, changes by no more.
        history_size: how many changes are remembered, each as large as the parameters twice.
        line_search_fn: ``"strong_wolfe"``, or None for steps of `lr`.

    Raises:
        ValueError: for a negative `lr`, or more than one group.
        RuntimeError: in `step`, for another `line_search_fn`.
        AssertionError: in `step`, if a group was added.

    Reference: Liu and Nocedal, *On the Limited Memory BFGS Method for Large Scale Optimization*,
    Mathematical Programming 45, 1989.

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([-1.2, 1.0], requires_grad=True, dtype=minitorch.float64)
        >>> optimizer = minitorch.optim.LBFGS([w], line_search_fn="strong_wolfe", max_iter=50)
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2  # Rosenbrock's valley
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure)
        tensor(24.2000, dtype=minitorch.float64, grad_fn=<AddBackward0>)
        >>> w
        tensor([1.0000, 1.0000], dtype=minitorch.float64, requires_grad=True)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_not_negative(lr=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Closure) -> Any:
        """Take up to `max_iter` iterations.

        Args:
            closure: clears the gradients, computes the loss, calls backward and returns the loss.

        Returns:
            What `closure` returned first, before any of them.
        """
        if len(self.param_groups) != 1:
            raise AssertionError(
                f"Expected exactly one param_group, but got {len(self.param_groups)}"
            )
        group = self.param_groups[0]
        search_by = group["line_search_fn"]
        if search_by not in (None, "strong_wolfe"):
            raise RuntimeError("only 'strong_wolfe' is supported")
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first = self._call(closure)
        loss, gradient = float(first), self._gradient()
        evaluations = 1
        state["func_evals"] += 1
        if _largest(gradient) <= group["tolerance_grad"]:
            return first
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = self._direction(state, gradient)
            before = Point(0.0, loss, gradient, _dot(gradient, direction))
            step = group["lr"]
            if state["n_iter"] == 1:
                step = _first_share(gradient) * step
            state["d"], state["t"] = wrap(direction), _kept(step)
            state["prev_flat_grad"], state["prev_loss"] = wrap(gradient), loss
            if before.slope > -group["tolerance_change"]:
                break
            calls = 0
            if search_by:
                most = group["max_eval"] - evaluations
                here, calls = self._search(closure, before, direction, step, most)
                step, loss, gradient = here.step, here.loss, here.gradient
                state["t"] = _kept(step)
                self._move(step, direction)
            else:
                self._move(step, direction)
                if iteration < group["max_iter"]:  # else nobody would look at it
                    loss, gradient = float(self._call(closure)), self._gradient()
                    calls = 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or _largest(gradient) <= group["tolerance_grad"]
                or _largest(step * direction) <= group["tolerance_change"]
                or abs(loss - before.loss) < group["tolerance_change"]
            ):
                break
        return first

    @np.errstate(all="ignore")
    def _direction(self, state: dict[str, Any], gradient: np.ndarray) -> np.ndarray:
        """Return the estimate of the inverse Hessian times the gradient, turned round.

        It is first improved by what the last iteration has shown.
        """
        if state["n_iter"] == 1:
            state["old_dirs"], state["old_stps"], state["ro"], state["H_diag"] = [], [], [], 1
            return -gradient
        changes, steps, inverses = state["old_dirs"], state["old_stps"], state["ro"]
        change = gradient - state["prev_flat_grad"]._array
        step = state["d"]._array * _scalar(state["t"])
        product = change @ step
        if product > _CURVED:
            if len(changes) == self.param_groups[0]["history_size"]:
                for memory in (changes, steps, inverses):
                    del memory[0]
            changes.append(wrap(change))
            steps.append(wrap(step))
            inverses.append(_kept(1.0 / product))
            state["H_diag"] = _kept(product / (change @ change))
        memory = [
            (y._array, s._array, _scalar(rho))
            for y, s, rho in zip(changes, steps, inverses, strict=True)
        ]
        direction = -gradient
        shares = []
        for y, s, rho in reversed(memory):
            shares.append((s @ direction) * rho)
            direction -= shares[-1] * y
        direction *= _scalar(state["H_diag"])
        for (y, s, rho), share in zip(memory, reversed(shares), strict=True):
            direction += (share - (y @ direction) * rho) * s
        return direction

    def _search(
        self, closure: Closure, start: Point, direction: np.ndarray, step: Any, most: int
    ) -> tuple[Point, int]:
        """Return the point to go to, and how often the closure was called to find it."""
        group = self.param_groups[0]
        origin = [p._array.copy() for p in group["params"]]

        def evaluate(step: float) -> Point:
            self._move(step, direction)
            loss, gradient = float(self._call(closure)), self._gradient()
            for p, array in zip(group["params"], origin, strict=True):
                p._array[...] = array
                p._counter[0] += 1
            return Point(step, loss, gradient, _dot(gradient, direction))

        tolerance = group["tolerance_change"]
        search = Search(evaluate, start, most, _largest(direction), tolerance)
        return search.run(step), search.evaluations

    def _call(self, closure: Closure) -> Any:
        with enable_grad():
            return closure()

    def _gradient(self) -> np.ndarray:
        """Return all gradients as one vector, zeros where there is none."""
        params = self.param_groups[0]["params"]
        return np.concatenate(
            [
                np.zeros(p._array.size, p._array.dtype)
                if p._grad is None
                else p._grad._array.reshape(-1)
                for p in params
            ]
        )

    def _move(self, step: float, direction: np.ndarray) -> None:
        """Add ``step * direction`` to the parameters."""
        start = 0
        for p in self.param_groups[0]["params"]:
            stop = start + p._array.size
            p._array += (step * direction[start:stop]).reshape(p._array.shape)
            p._counter[0] += 1
            start = stop


@np.errstate(all="ignore")
def _first_share(gradient: np.ndarray) -> Any:
    """Return the share of the rate that the first iteration takes."""
    return min(1.0, 1.0 / np.abs(gradient).sum())


@np.errstate(all="ignore")
def _dot(x: np.ndarray, y: np.ndarray) -> Any:
    return x @ y


def _largest(x: np.ndarray) -> Any:
    return np.abs(x).max(initial=0)


def _kept(number: Any) -> Any:
    """Return a scalar as it is kept: NumPy's, which has a type, as a Tensor."""
    return wrap(np.asarray(number)) if isinstance(number, np.generic) else number


def _scalar(kept: Any) -> Any:
    """Return what `_kept` was given."""
    return kept._array[()] if isinstance(kept, Tensor) else kept
