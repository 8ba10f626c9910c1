"""gradcheck passes right gradients and catches wrong ones."""

from __future__ import annotations

import pytest

import minitorch
from minitorch.autograd import Function, GradcheckError, gradcheck, gradgradcheck


class WrongFirst(Function):
    """x³ with a slightly wrong gradient."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3.01 * x**2


class WrongSecond(Function):
    """x³ whose gradient is right but does not differentiate."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x.detach() ** 2


class WrongPlace(Function):
    """Two outputs, the gradients exchanged."""

    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, g, h):
        return g * 3 + h * 2


def point(*shape: int) -> minitorch.Tensor:
    return minitorch.rand(*shape, dtype=minitorch.float64).add(0.5).requires_grad_()


@pytest.mark.parametrize("fast_mode", [False, True])
def test_right_gradients_pass(fast_mode):
    x, w = point(2, 3), point(3, 2)
    assert gradcheck(lambda x, w: (x @ w).tanh(), (x, w), fast_mode=fast_mode)
    assert gradgradcheck(lambda x, w: (x @ w).tanh(), (x, w), fast_mode=fast_mode)
    assert gradcheck(lambda x, n: (x * n, x.sum()), (x, 3), fast_mode=fast_mode)
    assert gradcheck(minitorch.sin, x)


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("function", [WrongFirst.apply, WrongPlace.apply])
def test_wrong_gradients_are_caught(function, fast_mode):
    with pytest.raises(
        GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0"
    ):
        gradcheck(function, point(3), fast_mode=fast_mode)
    assert not gradcheck(function, point(3), fast_mode=fast_mode, raise_exception=False)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_wrong_second_gradients_are_caught(fast_mode):
    assert gradcheck(WrongSecond.apply, point(3), fast_mode=fast_mode)
    with pytest.raises(GradcheckError):
        gradgradcheck(WrongSecond.apply, point(3), fast_mode=fast_mode)


def test_detached_output_is_caught():
    with pytest.raises(GradcheckError):
        gradcheck(lambda x: x.detach() * 2, point(3))


def test_constant_output_passes():
    assert gradcheck(lambda x: (x * 2, minitorch.ones(2), x > 0), point(3))


def test_only_float64():
    with pytest.raises(ValueError, match="must be float64"):
        gradcheck(minitorch.sin, minitorch.rand(3, requires_grad=True))


def test_needs_something_to_check():
    with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
        gradcheck(minitorch.sin, minitorch.rand(3, dtype=minitorch.float64))


def test_inputs_come_back_unchanged():
    x = point(4)
    before = x.detach().clone()
    gradcheck(minitorch.exp, x)
    assert minitorch.equal(x, before)
    assert x.grad is None


def test_transposed_input():
    assert gradcheck(lambda x: x.t().reshape(-1) ** 2, point(2, 3).detach().t().requires_grad_())
