"""What a module does with its children, beyond what PyTorch is the judge of."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 2)
        self.scale = nn.Parameter(minitorch.ones(1))
        self.register_buffer("count", minitorch.zeros(1))
        self.register_buffer("cache", minitorch.zeros(2), persistent=False)
        self.note = "text"

    def forward(self, x):
        return self.second(self.first(x).relu()) * self.scale


def test_children_are_found_in_the_instance_dict() -> None:
    net = Net()
    for name in ("first", "second", "scale", "count", "cache"):
        assert net.__dict__[name] is getattr(net, name)


@pytest.mark.parametrize("name", ["_parameters", "_buffers", "_modules"])
def test_every_way_to_write_a_registry_is_mirrored(name: str) -> None:
    module = nn.Module()
    registry = getattr(module, name)
    registry["a"] = 1
    registry.update({"b": 2}, c=3)
    registry.setdefault("d", 4)
    registry |= {"e": 5}
    assert [module.a, module.b, module.c, module.d, module.e] == [1, 2, 3, 4, 5]
    assert registry.popitem() == ("e", 5)
    assert registry.pop("d") == 4
    assert registry.pop("d", None) is None
    del registry["c"]
    for gone in "cde":
        assert not hasattr(module, gone)
    registry.clear()
    assert not hasattr(module, "a")
    assert not registry
    with pytest.raises(KeyError):
        registry.popitem()
    with pytest.raises(KeyError):
        registry.pop("a")


def test_a_registry_can_be_replaced() -> None:
    model = nn.Sequential(nn.ReLU(), nn.Tanh())
    model._modules = {"a": model[1]}
    assert repr(model) == "Sequential(\n  (a): Tanh()\n)"
    assert model.a is model[0]
    assert not hasattr(model, "0")
    model.b = nn.GELU()
    assert len(model) == 2


def test_a_registry_copies_to_a_plain_dict() -> None:
    net = Net()
    for made in (copy.copy(net._modules), copy.deepcopy(net._modules), net._modules.copy()):
        assert type(made) is dict
        assert list(made) == ["first", "second"]


def test_a_model_is_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        net = nn.Sequential(Net(), nn.ReLU())
        seen = weakref.ref(net[0].first)
        del net
        assert seen() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_deep_copies_are_independent_and_alike(duplicate) -> None:
    net = Net()
    net.tied = net.first
    net.register_forward_hook(hook_that_adds_one)
    net.eval()
    x = minitorch.ones(2, 3)
    twin = duplicate(net)
    np.testing.assert_array_equal(twin(x).detach().numpy(), net(x).detach().numpy())
    assert twin.tied is twin.first is twin._modules["first"] is not net.first
    assert twin.scale is twin._parameters["scale"] is not net.scale
    assert list(twin.state_dict()) == list(net.state_dict())
    assert twin.note == "text"
    assert not twin.training
    nn.init.zeros_(twin.first.weight)
    assert net.first.weight.detach().numpy().any()
    twin.scale = nn.Parameter(minitorch.zeros(1))
    assert twin.__dict__["scale"] is twin._parameters["scale"]
    assert repr(twin) == repr(net)


def hook_that_adds_one(module, args, output):
    return output + 1


def test_a_shallow_copy_shares_parameters_and_has_its_own_registries() -> None:
    net = Net()
    twin = copy.copy(net)
    assert twin.scale is net.scale
    twin.scale = nn.Parameter(minitorch.zeros(1))
    assert net.scale.item() == 1


def test_deep_copies_keep_the_memory_order_of_weights() -> None:
    layer = nn.Linear(5, 3)
    for twin in (layer, copy.deepcopy(layer), copy.deepcopy(layer).double()):
        assert twin.weight._array.T.flags.c_contiguous


def test_loading_keeps_the_memory_order_of_weights() -> None:
    layer = nn.Linear(5, 3)
    layer.load_state_dict(nn.Linear(5, 3).state_dict())
    assert layer.weight._array.T.flags.c_contiguous


def test_state_dict_shares_memory_and_is_detached() -> None:
    layer = nn.Linear(2, 2)
    state = layer.state_dict()
    assert not state["weight"].requires_grad
    assert np.shares_memory(state["weight"].numpy(), layer.weight._array)
    assert layer.state_dict(keep_vars=True)["weight"] is layer.weight


def test_a_state_dict_can_be_deep_copied_and_pickled() -> None:
    state = Net().state_dict()
    for twin in (copy.deepcopy(state), pickle.loads(pickle.dumps(state))):
        Net().load_state_dict(twin)
        assert twin._metadata == state._metadata


def test_the_version_of_a_module_reaches_its_loader() -> None:
    seen = []

    class Versioned(nn.Linear):
        _version = 7

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
            seen.append((prefix, local_metadata.get("version")))
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    model = nn.Sequential(Versioned(1, 1))
    model.load_state_dict(model.state_dict())
    model.load_state_dict(dict(model.state_dict()))
    assert seen == [("0.", 7), ("0.", None)]


def test_conversion() -> None:
    net = Net()
    net.register_buffer("index", minitorch.tensor([1, 2]))
    parameters = list(net.parameters())
    net(minitorch.ones(1, 3)).sum().backward()
    assert net.double() is net
    assert all(a is b for a, b in zip(net.parameters(), parameters, strict=True))
    dtypes = {t.dtype for t in (*net.parameters(), net.count, net.cache, net.scale.grad)}
    assert dtypes == {minitorch.float64}
    assert net.index.dtype is minitorch.int64
    assert net.half().scale.dtype is minitorch.float16
    assert net.float().scale.dtype is minitorch.float32
    assert net.to("cpu") is net.cpu() is net.to("cpu", minitorch.float64) is net
    assert net.scale.dtype is minitorch.float64
    assert net.to(minitorch.ones(1)).scale.dtype is minitorch.float32
    assert net.to(dtype=minitorch.float64, non_blocking=True).count.dtype is minitorch.float64
    assert net.type(minitorch.float32).index.dtype is minitorch.float32
    with pytest.raises(NotImplementedError, match="device='cuda'"):
        net.to("cuda")
    with pytest.raises(NotImplementedError, match=r"Module\.cuda"):
        net.cuda()
    with pytest.raises(NotImplementedError, match="memory_format"):
        net.to(memory_format="channels_last")


def test_modes() -> None:
    net = nn.Sequential(Net(), nn.Dropout())
    assert all(module.training for module in net.modules())
    assert not any(module.training for module in net.eval().modules())
    net[0].train()
    assert [m.training for m in net] == [True, False]


def test_freezing_and_zeroing() -> None:
    net = Net().requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    net.requires_grad_()
    net(minitorch.ones(1, 3)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.scale.grad.item() == 0
    net.zero_grad()
    assert net.scale.grad is None


def test_apply_visits_children_first() -> None:
    seen = []
    net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()))
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["ReLU", "Tanh", "Sequential", "Sequential"]


def test_a_call_without_hooks_is_forward() -> None:
    layer = nn.ReLU()
    assert not layer._hooked
    handle = layer.register_forward_hook(lambda m, a, o: None)
    assert layer._hooked
    handle.remove()
    layer(minitorch.ones(1))
    assert not layer._hooked


def test_a_hook_handle_is_a_context() -> None:
    layer = nn.ReLU()
    with layer.register_forward_hook(hook_that_adds_one):
        assert layer(minitorch.ones(1)).item() == 2
    assert layer(minitorch.ones(1)).item() == 1


def test_backward_hooks_allow_second_derivatives() -> None:
    layer = nn.Linear(2, 1).double()
    x = minitorch.tensor([[1.0, 2.0]], dtype=minitorch.float64, requires_grad=True)
    plain = minitorch.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)[0]
    layer.register_full_backward_hook(lambda m, gi, go: None)
    hooked = minitorch.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)[0]
    a, b = (minitorch.autograd.grad(g.sum(), x)[0] for g in (plain, hooked))
    np.testing.assert_allclose(a.numpy(), b.numpy())


def test_backward_hooks_do_nothing_without_gradients() -> None:
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gi, go: pytest.fail("called"))
    with minitorch.no_grad():
        assert layer(minitorch.ones(1, 2)).grad_fn is None


def test_backward_hooks_warn_about_other_outputs() -> None:
    class Dicts(nn.Module):
        def forward(self, x):
            return {"x": x}

    module = Dicts()
    module.register_full_backward_hook(lambda m, gi, go: None)
    with pytest.warns(UserWarning, match="should be a Tensor or a tuple of Tensors"):
        module(minitorch.ones(1, requires_grad=True))


def test_set_submodule() -> None:
    net = nn.Sequential(Net())
    net.set_submodule("0.first", nn.Identity())
    assert repr(net.get_submodule("0.first")) == "Identity()"
    net.set_submodule("new", nn.ReLU())
    assert net.new is net.get_submodule("new")
    assert net.get_parameter("0.scale") is net[0].scale
    assert net.get_buffer("0.cache") is net[0].cache
    with pytest.raises(ValueError, match="`module` is not an nn"):
        net.set_submodule("new", 3)


def test_setting_a_buffer_keeps_whether_it_is_saved() -> None:
    net = Net()
    net.cache = minitorch.ones(2)
    net.count = minitorch.ones(1)
    assert "cache" not in net.state_dict()
    assert "count" in net.state_dict()
    net.cache = nn.Buffer(minitorch.ones(2))
    assert "cache" in net.state_dict()
    assert net._buffers["cache"] is net.cache


def test_a_subclass_may_look_further_than_its_children() -> None:
    class Wrapper(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    wrapped = Wrapper(nn.Linear(2, 3))
    assert wrapped.out_features == 3
    assert wrapped.weight is wrapped.inner.weight
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'nothing'"):
        _ = wrapped.nothing


@pytest.mark.parametrize(
    "layer",
    [
        lambda: nn.Linear(2, 3),
        lambda: nn.Conv2d(3, 4, 3),
        lambda: nn.MultiheadAttention(4, 2),
        lambda: nn.LSTM(3, 4),
        lambda: nn.ConvTranspose2d(2, 3, 3),
    ],
)
def test_a_module_can_be_converted_to_the_dtype_that_it_has(layer):
    module = layer()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    parameters = dict(module.named_parameters())
    for convert in (
        lambda m: m.float(),
        lambda m: m.to(minitorch.float32),
        lambda m: m.to("cpu", minitorch.float32),
        lambda m: m.double().double().float(),
        copy.deepcopy,
    ):
        module = convert(module)
        for name, value in module.state_dict().items():
            assert value.dtype is minitorch.float32
            assert minitorch.equal(value, before[name])
    assert all(parameters[name] is not value for name, value in module.named_parameters())


def test_tied_weights_stay_tied_when_they_are_converted():
    table, head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
    table.weight = head.weight
    both = nn.Sequential(table, head).double()
    assert both[0].weight is both[1].weight
    assert both[0].weight.dtype is minitorch.float64
    with minitorch.no_grad():
        both[0].weight.zero_()
    assert both(minitorch.tensor([1, 2])).abs().sum().item() == 0


def test_layers_are_found_where_torch_has_its_files():
    from minitorch.nn.modules.batchnorm import _BatchNorm
    from minitorch.nn.modules.loss import _Loss

    from minitorch.nn.modules import Module, rnn, utils
    from minitorch.nn.modules.utils import _pair, _reverse_repeat_tuple

    assert Module is nn.Module
    assert rnn.LSTM is nn.LSTM
    assert issubclass(nn.BatchNorm2d, _BatchNorm)
    assert issubclass(nn.CrossEntropyLoss, _Loss)
    assert (_pair(3), _pair([1, 2]), utils._triple("a")) == ((3, 3), (1, 2), ("a",))
    assert _reverse_repeat_tuple((1, 2), 2) == (2, 2, 1, 1)
