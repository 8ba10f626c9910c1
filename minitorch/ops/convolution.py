"""Convolution and its adjoint.

A convolution is linear in the input and in the weight, and so are its two gradients: three maps, of
which each one's derivatives are the other two. Nothing else is needed for any order.
"""

from __future__ import annotations

from typing import Any

from minitorch import kernels
from minitorch.autograd import Function
from minitorch.autograd.primitive import Operation, primitive
from minitorch.kernels import Geometry
from minitorch.modes import GRAD, state
from minitorch.ops.reduction import sum
from minitorch.tensor import Tensor, wrap

__all__ = ["convolve", "convolve_transpose"]


_plain: Operation = primitive(
    "convolution",
    lambda x, weight, bias, *, geometry: kernels.convolve(x, weight, bias, geometry),
)
input_gradient: Operation = primitive(
    "convolution_input_gradient",
    lambda g, weight, *, geometry: kernels.convolution_input_gradient(g, weight, geometry),
    g=lambda gg, weight, geometry: convolve(gg, weight, None, geometry),
    weight=lambda gg, g, geometry: weight_gradient(gg, g, geometry=geometry),
)
weight_gradient: Operation = primitive(
    "convolution_weight_gradient",
    lambda x, g, *, geometry: kernels.convolution_weight_gradient(x, g, geometry),
    x=lambda gg, g, geometry: input_gradient(g, gg, geometry=geometry),
    g=lambda gg, x, geometry: convolve(x, gg, None, geometry),
)


class Convolution(Function):
    """The convolution on the tape: its two gradients are computed together."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Any) -> Tensor:
        """Convolve."""
        ctx.save_for_backward(x, weight)
        ctx.geometry = geometry
        b = None if bias is None else bias._array
        return wrap(kernels.convolve(x._array, weight._array, b, geometry))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients, recorded if they may be differentiated again."""
        (g,) = grad_outputs
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias, _ = ctx.needs_input_grad
        geometry = ctx.geometry
        dx = dw = None
        if of_x and of_weight and state.mode != GRAD:
            arrays = kernels.convolution_gradients(x._array, weight._array, g._array, geometry)
            dx, dw = map(wrap, arrays)
        else:
            dx = input_gradient(g, weight, geometry=geometry) if of_x else None
            dw = weight_gradient(x, g, geometry=geometry) if of_weight else None
        return dx, dw, _channel_sums(g) if of_bias else None, None


def _channel_sums(g: Tensor) -> Tensor:
    """Return the gradient of the bias, ``(N, O, Ho, Wo) -> (O,)``."""
    if state.mode == GRAD:
        return sum(g, (0, 2, 3))
    return wrap(kernels.sum_leading(g._array.transpose(0, 2, 3, 1)))


def convolve(input: Any, weight: Any, bias: Any, geometry: Geometry) -> Any:
    """Return the convolution of images with a weight, plus a bias if there is one.

    Shape:
        - input ``(N, C, H, W)``, weight ``(O, C/g, kh, kw)``, bias ``(O,)``.
        - Result ``(N, O, Ho, Wo)``.

    Reference: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285.
    """
    recorded = state.mode == GRAD and any(
        isinstance(x, Tensor) and x._requires_grad for x in (input, weight, bias)
    )
    if recorded:
        return Convolution.apply(input, weight, bias, geometry)
    return _plain(input, weight, bias, geometry=geometry)


def convolve_transpose(input: Any, weight: Any, bias: Any, geometry: Geometry) -> Any:
    """Return the adjoint of a convolution applied to `input`, plus a bias if there is one.

    Shape:
        - input ``(N, O, Ho, Wo)``, weight ``(O, C/g, kh, kw)``, bias ``(C,)``.
        - Result ``(N, C, H, W)``.
    """
    out = input_gradient(input, weight, geometry=geometry)
    return out if bias is None else out + bias.reshape(-1, 1, 1)
