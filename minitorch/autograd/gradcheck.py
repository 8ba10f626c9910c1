"""Compare gradients with finite differences: `gradcheck`, `gradgradcheck`.

Reference: https://docs.pytorch.org/docs/stable/notes/gradcheck.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch.autograd.differentiate import grad
from minitorch.tensor import Tensor, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class GradcheckError(RuntimeError):
    """A gradient and its finite difference disagree."""


def _outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Tensor]:
    """Return the floating outputs; one that does not require grad claims a gradient of zero."""
    result = func(*inputs)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    return [x for x in outputs if isinstance(x, Tensor) and x.is_floating_point()]


def _differentiable(outputs: Sequence[Tensor]) -> list[Tensor]:
    return [x for x in outputs if x.requires_grad]


def _numerical(
    func: Callable[..., Any], inputs: Sequence[Any], target: Tensor, direction: Any, eps: float
) -> list[np.ndarray]:
    """Return the directional derivatives of the outputs, by central differences."""
    array = target._array
    original = array.copy()
    sides = []
    for sign in (1.0, -1.0):
        np.add(original, sign * eps * direction, out=array)
        sides.append([x._array.copy() for x in _outputs(func, inputs)])
    np.copyto(array, original)
    return [(plus - minus) / (2 * eps) for plus, minus in zip(*sides, strict=True)]


def _directions(target: Tensor, fast: bool, rng: np.random.Generator) -> Any:
    """Yield the directions to test: one random one, or the unit vectors."""
    shape = target._array.shape
    if fast:
        direction = rng.standard_normal(shape)
        yield direction / max(float(np.linalg.norm(direction)), 1e-12)
        return
    for index in np.ndindex(shape):
        direction = np.zeros(shape)
        direction[index] = 1.0
        yield direction


def _fail(message: str, raise_exception: bool) -> bool:
    if raise_exception:
        raise GradcheckError(message)
    return False


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    fast_mode: bool = False,
) -> bool:
    """Return True if the gradients of `func` agree with central differences.

    Each output is contracted with a random vector and differentiated; ``J v`` by differences must
    equal ``g . v`` for the unit vectors v, or with `fast_mode` for one random v.

    Args:
        func: takes `inputs`, returns one tensor or several.
        inputs: a tensor or a tuple; float64 tensors that require grad are checked.
        eps: the step of the difference.
        atol: absolute tolerance.
        rtol: relative tolerance.
        raise_exception: raise GradcheckError instead of returning False.
        fast_mode: one random projection for each input instead of the whole Jacobian.

    Example:
        >>> import minitorch
        >>> x = minitorch.rand(3, dtype=minitorch.float64, requires_grad=True)
        >>> minitorch.autograd.gradcheck(minitorch.sin, x)
        True
    """
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    targets = [x for x in arguments if isinstance(x, Tensor) and x.requires_grad]
    if not targets:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them "
            "have requires_grad=True."
        )
    for target in targets:
        if target._array.dtype != np.float64:
            raise ValueError(f"gradcheck: inputs must be float64 to be precise, got {target.dtype}")
    rng = np.random.default_rng(0)
    outputs = _outputs(func, arguments)
    for index, output in enumerate(outputs):
        projection = rng.standard_normal(output._array.shape)
        gradients: tuple[Tensor | None, ...] = (None,) * len(targets)
        if output.requires_grad:
            gradients = grad(
                output, targets, wrap(projection), retain_graph=True, allow_unused=True
            )
        for place, (target, g) in enumerate(zip(targets, gradients, strict=True)):
            analytical_all = np.zeros_like(target._array) if g is None else g._array
            for direction in _directions(target, fast_mode, rng):
                difference = _numerical(func, arguments, target, direction, eps)[index]
                numerical = float((difference * projection).sum())
                analytical = float((analytical_all * direction).sum())
                if not abs(numerical - analytical) <= atol + rtol * abs(numerical):
                    return _fail(
                        f"Jacobian mismatch for output {index} with respect to input {place}: "
                        f"numerical {numerical:.8g}, analytical {analytical:.8g}",
                        raise_exception,
                    )
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    fast_mode: bool = False,
) -> bool:
    """Return True if the gradients of the gradients of `func` agree with central differences.

    Args:
        func: as for `gradcheck`.
        inputs: as for `gradcheck`.
        grad_outputs: the vectors the outputs are contracted with. Default: random.
        eps: the step of the difference.
        atol: absolute tolerance.
        rtol: relative tolerance.
        raise_exception: raise GradcheckError instead of returning False.
        fast_mode: one random projection for each input instead of the whole Jacobian.
    """
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    outputs = _differentiable(_outputs(func, arguments))
    if grad_outputs is None:
        rng = np.random.default_rng(1)
        vectors = [wrap(rng.standard_normal(x._array.shape)) for x in outputs]
        for vector in vectors:
            vector.requires_grad = True
    else:
        vectors = list(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else [grad_outputs]

    def gradient(*args: Any) -> tuple[Tensor, ...]:
        values, given = args[: len(arguments)], args[len(arguments) :]
        targets = [x for x in values if isinstance(x, Tensor) and x.requires_grad]
        results = grad(
            _differentiable(_outputs(func, values)),
            targets,
            list(given),
            create_graph=True,
            allow_unused=True,
        )
        return tuple(x for x in results if x is not None)

    return gradcheck(
        gradient,
        (*arguments, *vectors),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        fast_mode=fast_mode,
    )
