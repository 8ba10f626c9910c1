"""Every warning names the line of the program that called minitorch."""

import linecache
import warnings

import pytest

import minitorch
from minitorch import nn, optim
from minitorch.nn import functional as F


def schedule_before_the_optimizer():
    optimizer = optim.SGD([nn.Parameter(minitorch.ones(1))], lr=0.1)
    optim.lr_scheduler.StepLR(optimizer, 1).step()  # here


def wrapped(x):
    return F.softmax(x, _stacklevel=4)


CASES = {
    "var": lambda: minitorch.ones(1).var(),  # here
    "std with NumPy's name": lambda: minitorch.std(minitorch.ones(1), axis=0),  # here
    "a loss": lambda: F.mse_loss(minitorch.ones(2), minitorch.ones(2, 1)),  # here
    "a layer": lambda: nn.MSELoss()(minitorch.ones(2), minitorch.ones(2, 1)),  # here
    "a layer in a layer": lambda: nn.Sequential(nn.Softmax())(minitorch.ones(2)),  # here
    "a function": lambda: F.log_softmax(minitorch.ones(2)),  # here
    "a function around it": lambda: wrapped(minitorch.ones(2)),  # here
    "grad": lambda: (minitorch.ones(1, requires_grad=True) * 2).grad,  # here
    "a schedule": schedule_before_the_optimizer,
    "no gradients": lambda: nn.utils.clip_grad_norm_((p for p in ()), 1.0),  # here
}


@pytest.mark.parametrize("name", CASES)
def test_a_warning_names_the_line_that_led_to_it(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CASES[name]()
    (warning,) = caught
    assert warning.filename == __file__
    assert "# here" in linecache.getline(__file__, warning.lineno)
