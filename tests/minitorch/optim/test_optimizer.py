"""What all optimizers share: groups, gradients, hooks, closures, versions, state dicts."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np
import pytest

from minitorch import optim
from minitorch.autograd import is_grad_enabled, no_grad
from minitorch.kernels.parallel import ALONE as BLOCK
from minitorch.tensor import Tensor, wrap

ALL = [  # LBFGS needs a closure, and has tests of its own
    kind
    for kind in vars(optim).values()
    if inspect.isclass(kind)
    and issubclass(kind, optim.Optimizer)
    and kind not in (optim.Optimizer, optim.LBFGS)
]


def parameter(*values: float, grad: Any = 1.0) -> Tensor:
    tensor = wrap(np.array(values or (1.0,), np.float32))
    tensor.requires_grad = True
    tensor.grad = wrap(np.full_like(tensor._array, grad))
    return tensor


def options(cls: Any, **wanted: Any) -> dict[str, Any]:
    """Return the options that the class knows."""
    known = inspect.signature(cls).parameters
    return {name: value for name, value in {"momentum": 0.9, **wanted}.items() if name in known}


@pytest.mark.parametrize("cls", ALL)
def test_a_step_is_small_and_downhill(cls: Any) -> None:
    p = parameter(1.0, 2.0, grad=2.0)
    cls([p], lr=0.005).step()
    assert (p._array < [1.0, 2.0]).all()
    assert (p._array > [0.9, 1.9]).all()


@pytest.mark.parametrize("cls", ALL)
def test_a_step_counts_the_version(cls: Any) -> None:
    p, still = parameter(1.0), parameter(1.0)
    still.grad = None
    optimizer = cls([p, still])
    optimizer.step()
    optimizer.step()
    assert p._version == 2
    assert still._version == 0
    assert still._array == 1.0


@pytest.mark.parametrize("cls", ALL)
def test_a_step_keeps_memory_and_gradient(cls: Any) -> None:
    p = parameter(1.0, 2.0)
    array, before = p._array, p.grad._array.copy()
    optimizer = cls([p], **options(cls, weight_decay=0.1, maximize=True))
    optimizer.step()
    assert p._array is array
    assert p.requires_grad
    np.testing.assert_array_equal(p.grad._array, before)


@pytest.mark.parametrize("cls", ALL)
def test_state_has_the_memory_order_of_the_parameter(cls: Any) -> None:
    p = wrap(np.ones((5, 3, 4), np.float32).transpose(2, 0, 1))
    p.grad = wrap(np.ones((4, 5, 3), np.float32))
    optimizer = cls([p], **options(cls))
    optimizer.step()
    saved = optimizer.state_dict()
    for name, value in saved["state"][0].items():
        saved["state"][0][name] = wrap(np.array(value._array, order="C"))
    optimizer.load_state_dict(saved)
    optimizer.step()
    for value in optimizer.state[p].values():
        assert value.shape != p.shape or value._array.strides == p._array.strides


@pytest.mark.parametrize("cls", ALL)
def test_a_large_fortran_parameter_steps_as_a_plain_one(cls: Any) -> None:
    rng = np.random.default_rng(0)
    values, gradient = rng.random((2, 300, BLOCK // 200))
    results = []
    for order in ("C", "F"):
        p = wrap(np.array(values, order=order))
        optimizer = cls([p], **options(cls))
        for _ in range(3):
            p.grad = wrap(gradient)
            optimizer.step()
        results.append(p._array)
    np.testing.assert_allclose(*results, rtol=0, atol=0 if cls.elementwise else 1e-15)


@pytest.mark.parametrize("cls", ALL)
def test_the_same_after_saving_and_loading(cls: Any) -> None:
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 4)).astype(np.float32)

    def run(steps: range, p: Tensor, optimizer: Any) -> None:
        for i in steps:
            p.grad = wrap(gradients[i])
            optimizer.step()

    p = parameter(1.0, 2.0, 3.0, 4.0)
    first = cls([p], **options(cls))
    run(range(3), p, first)
    q = wrap(p._array.copy())
    second = cls([q], lr=123.0)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    run(range(3, 6), p, first)
    run(range(3, 6), q, second)
    np.testing.assert_array_equal(p._array, q._array)


def test_loading_copies() -> None:
    p = parameter(1.0)
    optimizer = optim.Momentum([p])
    optimizer.step()
    saved = optimizer.state_dict()
    saved["state"][0]["momentum_buffer"] = wrap(np.full(1, 7.0, np.float32))
    optimizer.load_state_dict(saved)
    optimizer.step()
    assert saved["state"][0]["momentum_buffer"]._array == 7.0
    assert saved["param_groups"][0] is not optimizer.param_groups[0]


def test_loading_casts_to_the_parameter() -> None:
    p = parameter(1.0)
    optimizer = optim.Adam([p])
    optimizer.step()
    saved = optimizer.state_dict()
    values = saved["state"][0]
    values["exp_avg"], values["step"] = np.array([0.5]), 4
    optimizer.load_state_dict(saved)
    assert optimizer.state[p]["exp_avg"]._array.dtype == np.float32
    assert optimizer.state[p]["step"].item() == 4.0


def test_loading_names_a_shape_that_does_not_fit() -> None:
    p = parameter(1.0, 2.0)
    optimizer = optim.Momentum([p])
    saved = {
        "state": {0: {"momentum_buffer": np.ones(3)}},
        "param_groups": [{"params": [0], "lr": 0.1}],
    }
    with pytest.raises(ValueError, match=r"momentum_buffer of shape \[3\] .* shape \[2\]"):
        optimizer.load_state_dict(saved)
    assert optimizer.state == {}


def test_loading_ignores_how_torch_computed() -> None:
    p = parameter(1.0)
    optimizer = optim.Adam([p])
    saved = optimizer.state_dict()
    saved["param_groups"][0] |= {"foreach": True, "fused": True, "lr": 0.5}
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["foreach"] is None
    assert optimizer.param_groups[0]["fused"] is None
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_loading_an_older_file_keeps_options_it_lacks() -> None:
    p = parameter(1.0)
    optimizer = optim.AdamW([("w", p)], amsgrad=False)
    optimizer.load_state_dict({"state": {}, "param_groups": [{"params": [0], "lr": 0.5}]})
    group = optimizer.param_groups[0]
    assert group["betas"] == (0.9, 0.999)
    assert group["decoupled_weight_decay"] is True
    assert group["param_names"] == ["w"]
    optimizer.step()


def test_adamw_decays_what_adam_saved() -> None:
    p = parameter(1.0)
    optimizer = optim.AdamW([p])
    optimizer.load_state_dict(optim.Adam([parameter(1.0)]).state_dict())
    assert optimizer.param_groups[0]["decoupled_weight_decay"] is True


def test_a_shared_parameter_is_numbered_once() -> None:
    p, q = parameter(1.0), parameter(1.0)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optimizer = optim.SGD([p, q, p])
    assert optimizer.state_dict()["param_groups"][0]["params"] == [0, 1, 0]


# ---------------------------------------------------------------------- gradients, closures, hooks


def test_zero_grad() -> None:
    p, q = parameter(1.0), parameter(1.0)
    q.grad = None
    optimizer = optim.SGD([p, q])
    gradient = p.grad
    optimizer.zero_grad(set_to_none=False)
    assert gradient._array == 0
    assert p.grad._array == 0
    assert q.grad is None
    optimizer.zero_grad()
    assert p.grad is None


def test_a_closure_runs_with_gradients_on() -> None:
    p = parameter(1.0)
    optimizer = optim.SGD([p], lr=1.0)
    seen = []

    def closure() -> float:
        seen.append(is_grad_enabled())
        p.grad = wrap(np.array([0.25], np.float32))
        return 7.5

    with no_grad():
        assert optimizer.step(closure) == 7.5
    assert seen == [True]
    assert p._array == 0.75
    assert optimizer.step() is None


def test_hooks_run_around_the_step() -> None:
    p = parameter(1.0)
    optimizer = optim.SGD([p], lr=0.5)
    seen: list[Any] = []
    before = optimizer.register_step_pre_hook(lambda o, a, k: seen.append(p.item()))
    after = optimizer.register_step_post_hook(lambda o, a, k: seen.append(p.item()))
    optimizer.step()
    before.remove()
    optimizer.step()
    after.remove()
    optimizer.step()
    assert seen == [1.0, 0.5, 0.0]


def test_a_hook_may_replace_the_arguments() -> None:
    optimizer = optim.SGD([parameter(1.0)])
    handle = optimizer.register_step_pre_hook(lambda o, a, k: ((lambda: 3,), {}))
    assert optimizer.step() == 3
    handle.remove()
    optimizer.register_step_pre_hook(lambda o, a, k: "nonsense")
    with pytest.raises(RuntimeError, match="must return None or a tuple"):
        optimizer.step()


def test_a_subclass_may_write_its_own_step() -> None:
    class Halve(optim.Optimizer):
        def __init__(self, params: Any) -> None:
            super().__init__(params, {"factor": 0.5})

        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    p._array *= group["factor"]

    p, seen = parameter(4.0), []
    optimizer = Halve([p])
    optimizer.register_step_post_hook(lambda o, a, k: seen.append(1))
    optimizer.step()
    assert p._array == 2.0
    assert seen == [1]


def test_a_subclass_without_an_update_says_so() -> None:
    class Empty(optim.Optimizer):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty defines neither update\(\) nor step\(\)"):
        Empty([parameter(1.0)], {}).step()


def test_state_of_another_shape_than_the_parameter_needs_a_step_of_its_own() -> None:
    class Total(optim.Optimizer):
        def init(self, p, group):
            return {"total": np.zeros(())}

    with pytest.raises(ValueError, match=r"'total' of shape \(\) for a parameter of shape \(1,\)"):
        Total([parameter(1.0)], {}).step()


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls is not optim.Momentum])
@pytest.mark.parametrize("name", ["foreach", "fused", "capturable", "differentiable"])
def test_switches_are_accepted_at_their_defaults_only(cls: Any, name: str) -> None:
    if name not in inspect.signature(cls).parameters:
        return
    cls([parameter(1.0)], **{name: False})
    with pytest.raises(NotImplementedError, match=rf"{cls.__name__}: {name}=True"):
        cls([parameter(1.0)], **{name: True})


def test_a_tensor_for_an_option_is_refused() -> None:
    rate = wrap(np.array(0.1, np.float32))
    with pytest.raises(NotImplementedError, match="SGD: lr as a Tensor"):
        optim.SGD([{"params": [parameter(1.0)], "lr": rate}])


def test_a_tensor_for_the_parameters_is_refused() -> None:
    with pytest.raises(TypeError, match=r"iterable of Tensors or dicts, but got minitorch\.Tensor"):
        optim.SGD(parameter(1.0))


def test_a_failing_group_leaves_the_optimizer_as_it_was() -> None:
    p = parameter(1.0)
    optimizer = optim.SGD([p])
    with pytest.raises(ValueError, match="more than one parameter group"):
        optimizer.add_param_group({"params": [p]})
    assert len(optimizer.param_groups) == 1


def test_momentum_is_sgd_with_momentum() -> None:
    results = []
    for make in (
        lambda p: optim.Momentum(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    ):
        p = parameter(1.0)
        optimizer = make([p])
        for _ in range(3):
            optimizer.step()
        results.append(p._array)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("cls", ALL)
def test_half_precision_stays_half(cls: Any) -> None:
    p = wrap(np.ones(3, np.float16))
    p.grad = wrap(np.ones(3, np.float16))
    optimizer = cls([p], lr=0.1, **options(cls))
    optimizer.step()
    assert p._array.dtype == np.float16
    numbers = ("step", *cls.numbers)
    kept = [v._array.dtype for name, v in optimizer.state[p].items() if name not in numbers]
    assert set(kept) <= {np.dtype(np.float16)}


@pytest.mark.parametrize("cls", ALL)
def test_empty_and_scalar_parameters(cls: Any) -> None:
    for shape in ((), (0,), (3, 0)):
        p = wrap(np.ones(shape, np.float32))
        p.grad = wrap(np.ones(shape, np.float32))
        optimizer = cls([p], **options(cls))
        optimizer.step()
        optimizer.step()
        assert p._array.shape == shape
        assert (p._array < 1).all()
