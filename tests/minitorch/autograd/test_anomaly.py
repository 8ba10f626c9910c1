"""Anomaly mode says which line of the forward pass is to blame."""

from __future__ import annotations

import traceback

import numpy as np
import pytest

import minitorch
from minitorch.autograd import (
    Function,
    detect_anomaly,
    grad,
    is_anomaly_enabled,
    set_detect_anomaly,
)


@pytest.fixture(autouse=True)
def _quiet():
    """NumPy's own warnings are not the subject."""
    with np.errstate(all="ignore"):
        yield


def test_names_file_line_and_op():
    x = minitorch.zeros(1, requires_grad=True)
    with detect_anomaly():
        y = x * 1
        bad = y.sqrt() * 0  # the line to blame
        with pytest.raises(RuntimeError) as caught:
            bad.sum().backward()
    text = str(caught.value)
    assert text.startswith("Function 'SqrtBackward0' returned nan values in its 0th output.")
    assert "test_anomaly.py" in text
    assert "bad = y.sqrt() * 0  # the line to blame" in text
    assert "primitive.py" not in text


def test_second_output():
    x, y = (minitorch.ones(1, requires_grad=True) for _ in range(2))
    zero = minitorch.zeros(1)
    with detect_anomaly(), pytest.raises(RuntimeError, match="nan values in its 1th output"):
        ((x * zero) / (y * zero)).sum().backward(minitorch.tensor(1.0))


class Half(Function):
    @staticmethod
    def forward(ctx, x, y):
        return x + y

    @staticmethod
    def backward(ctx, g):
        return g, g * float("nan")


def test_second_output_of_a_function():
    x, y = (minitorch.ones(1, requires_grad=True) for _ in range(2))
    with (
        detect_anomaly(),
        pytest.raises(RuntimeError, match=r"'HalfBackward' .* in its 1th output"),
    ):
        Half.apply(x, y).sum().backward()
    with detect_anomaly():
        Half.apply(x, y.detach()).sum().backward()


def test_with_create_graph():
    x = minitorch.zeros(1, requires_grad=True)
    with detect_anomaly():
        (g,) = grad((x**3).sum(), x, create_graph=True)
        with pytest.raises(RuntimeError, match="SqrtBackward0"):
            grad((g.sqrt() * 0).sum(), x, create_graph=True)


def test_forward_before_the_mode():
    x = minitorch.zeros(1, requires_grad=True)
    bad = (x.sqrt() * 0).sum()
    with detect_anomaly(), pytest.raises(RuntimeError, match="ran before anomaly mode"):
        bad.backward()


def test_other_errors_get_the_forward_line_too():
    x = minitorch.ones(2, requires_grad=True)
    with detect_anomaly():
        y = x.exp()  # kept, then changed
        y.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace") as caught:
            y.sum().backward()
    assert "y = x.exp()  # kept, then changed" in "".join(traceback.format_exception(caught.value))


def test_check_nan_off():
    x = minitorch.zeros(1, requires_grad=True)
    with detect_anomaly(check_nan=False):
        (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().all()


def test_state_is_restored():
    def fail() -> None:
        with detect_anomaly():
            assert is_anomaly_enabled()
            with set_detect_anomaly(False):
                assert not is_anomaly_enabled()
            assert is_anomaly_enabled()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not is_anomaly_enabled()


def test_making_the_context_changes_nothing():
    mode = detect_anomaly()
    assert not is_anomaly_enabled()
    with mode, mode:
        assert is_anomaly_enabled()
    assert not is_anomaly_enabled()


def test_set_detect_anomaly_at_once():
    set_detect_anomaly(True)
    try:
        assert is_anomaly_enabled()
    finally:
        set_detect_anomaly(False)
    assert not is_anomaly_enabled()
