"""A recurrent layer's way through packed sequences, in one direction, as one operation.

The ordinary passes are kernels. A recorded backward pass (``create_graph=True``) goes the way
again, step by step in differentiable operations, and differentiates those.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd import enable_grad, grad, is_grad_enabled
from minitorch.autograd.function import Function
from minitorch.dtypes import dtype_name
from minitorch.ops.activation import relu
from minitorch.ops.joining import cat
from minitorch.ops.linalg import linear
from minitorch.ops.pointwise import sigmoid, tanh
from minitorch.ops.shape import as_shape
from minitorch.tensor import Tensor, wrap

States = tuple[Any, ...]  # (N, H) each: the hidden states, and for an LSTM its cells

# ------------------------------------------------------------------- one step, in operations


def _parts(x: Any, count: int) -> list[Any]:
    """Return equal parts of the columns of `x`."""
    size = x.shape[1] // count
    return [x[:, i * size : (i + 1) * size] for i in range(count)]


def _step(mode: str, given: Any, product: Any, states: States) -> States:
    """Return the states after a step.

    Args:
        mode: the kind of layer.
        given: the gates' share that comes from the input, (n, G H).
        product: their share that comes from the hidden state.
        states: before the step, (n, H) each.
    """
    if mode == "GRU":
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _parts(given, 3), _parts(product, 3)
        n = tanh(n_x + sigmoid(r_x + r_h) * n_h)
        return (n + sigmoid(z_x + z_h) * (states[0] - n),)
    gates = given + product
    if mode == "LSTM":
        i, f, g, o = _parts(gates, 4)
        c = sigmoid(f) * states[1] + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c
    return (tanh(gates) if mode == "RNN_TANH" else relu(gates),)


def step_by_step(walk: kernels.Walk, x: Any, weights: kernels.Weights, states: States) -> Any:
    """Return what `recur` does, in differentiable operations."""
    gates = linear(x, weights.of_input, weights.input_bias)
    outputs = {}
    for rows, n in walk.steps:
        product = linear(states[0][:n], weights.of_state, weights.state_bias)
        new = _step(walk.mode, gates[rows], product, tuple(s[:n] for s in states))
        outputs[rows.start] = new[0]
        states = tuple(
            cat([a, s[n:]]) if n < len(s) else a for a, s in zip(new, states, strict=True)
        )
    return cat([outputs[start] for start in sorted(outputs)]), *states


# ---------------------------------------------------------------------- the fused operation


def _array(x: Tensor | None) -> Any:
    """Return an array that the kernels compute with, or None."""
    return None if x is None else kernels.full_precision(x._array)


def _weights(parameters: Any) -> kernels.Weights:
    """Return the arrays of the two weights and the two biases."""
    of_input, of_state, *biases = (_array(parameter) for parameter in parameters)
    return kernels.Weights(of_input, of_state, *biases)


class Recurrence(Function):
    """What a recurrent layer makes of packed sequences, and the states that it ends with."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: Any,
        walk: kernels.Walk,
        x: Tensor,
        of_input: Tensor,
        of_state: Tensor,
        input_bias: Tensor | None,
        state_bias: Tensor | None,
        *states: Tensor,
    ) -> Any:
        """Return the packed hidden states, (R, H), and the last states, (N, H) each."""
        parameters = of_input, of_state, input_bias, state_bias
        first = tuple(map(_array, states))
        out, final, kept = kernels.recur(walk, _array(x), _weights(parameters), first)
        ctx.walk, ctx.count = walk, 5 + len(states)
        ctx.save_for_backward(x, *parameters, *states, *map(wrap, (out, *kept)))
        ctx.set_materialize_grads(False)
        dtype = x._array.dtype
        # A copy, which may be changed in place: the gradient needs what was kept as it is.
        last = (wrap(state.astype(dtype, copy=False)) for state in final)
        return wrap(out.astype(dtype)), *last

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients by x, the weights, and the first states."""
        tensors = ctx.saved_tensors
        saved = list(tensors[: ctx.count])
        out, *kept = map(_array, tensors[ctx.count :])
        if is_grad_enabled():
            return None, *_recorded(ctx, saved, grad_outputs)
        g, *g_last = grad_outputs
        past = kernels.Past(tuple(map(_array, saved[5:])), out, tuple(kept))
        last = [
            np.zeros_like(first) if given is None else np.array(given._array, first.dtype)
            for given, first in zip(g_last, past.states, strict=True)
        ]
        x, weights = _array(saved[0]), _weights(saved[1:5])
        found = kernels.recur_gradients(
            ctx.walk, x, weights, past, _array(g), tuple(last), ctx.needs_input_grad[1]
        )
        flat = found.x, *found.weights, *found.states
        return None, *(None if array is None else wrap(array) for array in flat)


def _recorded(ctx: Any, saved: list[Any], grad_outputs: tuple[Any, ...]) -> list[Any]:
    """Return the gradients by what was saved, from a way in differentiable operations."""
    with enable_grad():
        # Of its own name each: a state may have come from the same weights.
        inputs: list[Any] = [
            None if x is None else as_shape(x, shape=tuple(x.shape)) for x in saved
        ]
        x, *rest = inputs
        outputs = step_by_step(ctx.walk, x, kernels.Weights(*rest[:4]), tuple(rest[4:]))
    pairs = [(y, g) for y, g in zip(outputs, grad_outputs, strict=True) if g is not None]
    wanted = [x for x in inputs if x is not None and x.requires_grad]
    found = grad(
        [y for y, _ in pairs], wanted, [g for _, g in pairs], create_graph=True, allow_unused=True
    )
    gradients = dict(zip(map(id, wanted), found, strict=True))
    return [gradients.get(id(x)) for x in inputs]


def _require_one_dtype(x: Tensor, weights: tuple[Any, ...], states: States) -> None:
    """Refuse an input or states of another dtype than the weights have."""
    of_input, of_state, *biases = weights
    pairs = [(x, of_input), *((state, of_state) for state in states)]
    pairs += [(x, other) for other in (of_state, *biases) if other is not None]
    for a, b in pairs:
        if a.dtype != b.dtype:
            raise RuntimeError(
                "mat1 and mat2 must have the same dtype, but got "
                f"{dtype_name(a._array.dtype)} and {dtype_name(b._array.dtype)}"
            )


def recur(
    mode: str,
    sizes: tuple[int, ...],
    x: Tensor,
    weights: tuple[Tensor, Tensor, Tensor | None, Tensor | None],
    states: tuple[Tensor, ...],
    reverse: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return a layer's hidden state after each step, and its states after the last.

    Args:
        mode: ``"RNN_TANH"``, ``"RNN_RELU"``, ``"GRU"`` or ``"LSTM"``.
        sizes: how many sequences have each step, N at first.
        x: packed inputs: the first step of all sequences, then the second, and so on.
        weights: of the input and of the state, and their biases.
        states: before the first step, the longest sequence's first.
        reverse: whether each sequence is read from its end to its beginning.

    Shape:
        - x ``(R, I)``; weights ``(G H, I)`` and ``(G H, H)``, biases ``(G H,)``; states ``(N, H)``.
        - Results ``(R, H)``, and as the states.
    """
    _require_one_dtype(x, weights, states)
    walk = kernels.Walk(mode, sizes, reverse)
    out, *final = Recurrence.apply(walk, x, *weights, *states)
    return out, tuple(final)
