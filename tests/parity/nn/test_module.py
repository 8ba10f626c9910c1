"""Module against PyTorch: state dicts, error texts, hooks and the order in which they run."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import minitorch
from tests.parity.nn.compare import close, outcome, spoken_here, warnings_of


def network(lib):
    """Return a model with every kind of child."""
    n = lib.nn

    class Block(n.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("count", lib.zeros(1))
            self.register_buffer("hidden", lib.ones(2), persistent=False)
            self.register_parameter("nothing", None)
            self.scale = n.Parameter(lib.ones(()))
            self.linear = n.Linear(3, 3)
            self.shared = self.linear
            self.none = None

        def forward(self, x, factor=1.0):
            return self.linear(x) * self.scale * factor

    class Net(n.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = n.ModuleList([Block(), Block()])
            self.buffer = n.Buffer(lib.ones(2))
            self.secret = n.Buffer(lib.ones(2), persistent=False)
            self.weight = n.Parameter(lib.ones(3))
            self.head = n.Sequential(n.Linear(3, 2), n.ReLU())

        def extra_repr(self):
            return "first=1,\nsecond=2"

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return self.head(x * self.weight)

    return Net()


LISTS = {
    "parameters": lambda m: [n for n, _ in m.named_parameters()],
    "parameters, all": lambda m: [n for n, _ in m.named_parameters(remove_duplicate=False)],
    "own parameters": lambda m: [n for n, _ in m.named_parameters("p", recurse=False)],
    "buffers": lambda m: [n for n, _ in m.named_buffers()],
    "buffers, prefixed": lambda m: [n for n, _ in m.named_buffers(prefix="a.b")],
    "modules": lambda m: [n for n, _ in m.named_modules()],
    "modules, all": lambda m: [n for n, _ in m.named_modules(remove_duplicate=False)],
    "modules, prefixed": lambda m: [n for n, _ in m.named_modules(prefix="x")],
    "children": lambda m: [n for n, _ in m.blocks[0].named_children()],
    "counts": lambda m: [len(list(f())) for f in (m.parameters, m.buffers, m.modules, m.children)],
    "state": lambda m: list(m.state_dict()),
    "state, prefixed": lambda m: list(m.state_dict(prefix="net.")),
    "repr": repr,
    "versions": lambda m: dict(m.state_dict()._metadata),
    "names": lambda m: [n for n in dir(m) if n not in dir(type(m)) and not n.startswith("_")],
}


@pytest.mark.parametrize("look", LISTS.values(), ids=LISTS.keys())
def test_structure(look) -> None:
    assert look(network(minitorch)) == look(network(torch))


def broken(lib, change):
    """Load a state dict that was changed, and return what happens."""
    model = network(lib)
    state = model.state_dict()
    change(lib, state)
    result = []
    error = outcome(lambda: result.append(model.load_state_dict(state)))
    loose = outcome(lambda: result.append(model.load_state_dict(state, strict=False)))
    return error, loose, [(r.missing_keys, r.unexpected_keys) for r in result]


CHANGES = {
    "nothing": lambda lib, s: None,
    "missing": lambda lib, s: [s.pop("weight"), s.pop("blocks.1.linear.bias")],
    "unexpected": lambda lib, s: s.update({"x": lib.ones(1), "head.0.y": lib.ones(1)}),
    "unknown module": lambda lib, s: s.update({"blocks.7.weight": lib.ones(1), "a.b": 1}),
    "sizes": lambda lib, s: s.update({"weight": lib.ones(4), "blocks.0.count": lib.ones(2, 2)}),
    "all at once": lambda lib, s: [
        s.pop("buffer"), s.update({"weight": lib.ones(4), "zz": lib.ones(1)})
    ],
    "scalar from a vector": lambda lib, s: s.update({"blocks.0.scale": lib.ones(1) * 3}),
    "None where nothing is": lambda lib, s: s.update({"blocks.0.nothing": lib.ones(1)}),
    "hidden": lambda lib, s: s.update({"secret": lib.ones(2)}),
    "no tensor": lambda lib, s: s.update({"weight": [1, 2, 3]}),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_loading(change) -> None:
    assert broken(minitorch, change) == broken(torch, change)


def test_loading_shows_success_alike() -> None:
    shown = [
        repr(model.load_state_dict(model.state_dict()))
        for model in (network(minitorch), network(torch))
    ]
    assert shown[0] == shown[1]
    assert outcome(lambda: network(minitorch).load_state_dict(3)) == outcome(
        lambda: network(torch).load_state_dict(3)
    )


@pytest.mark.parametrize("assign", [False, True])
def test_loading_other_types(assign: bool) -> None:
    seen = []
    for lib in (minitorch, torch):
        model = lib.nn.Linear(3, 2)
        model.weight.requires_grad_(False)
        before = model.weight
        state = {
            "weight": lib.ones(2, 3, dtype=lib.float64),
            "bias": lib.ones(2, requires_grad=True),
        }
        model.load_state_dict(state, assign=assign)
        seen.append((
            str(model.weight.dtype).split(".")[1], model.weight is before,
            model.weight.requires_grad, model.bias.requires_grad,
            type(model.bias) is lib.nn.Parameter, model.weight.sum().item(),
        ))  # fmt: skip
    assert seen[0] == seen[1]


class Extra:
    """Modules with extra state, in both libraries."""

    @staticmethod
    def make(lib):
        class Module(lib.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.note = "a"

            def get_extra_state(self):
                return {"note": self.note}

            def set_extra_state(self, state):
                self.note = state["note"]

        return lib.nn.Sequential(Module(), lib.nn.Linear(1, 1))


def test_extra_state() -> None:
    seen = []
    for lib in (minitorch, torch):
        model = Extra.make(lib)
        model[0].note = "b"
        state = model.state_dict()
        fresh = Extra.make(lib)
        fresh.load_state_dict(state)
        del state["0._extra_state"]
        missing = outcome(lambda m=model, s=state: m.load_state_dict(s))
        state["1._extra_state"] = 3
        unexpected = outcome(lambda m=model, s=state: m.load_state_dict(s))
        seen.append((list(state), fresh[0].note, missing, unexpected))
    assert seen[0] == seen[1]


def leaf(lib):
    return lib.nn.Parameter(lib.ones(1))


def early(lib, action):
    class Early(lib.nn.Module):
        def __init__(self) -> None:
            action(lib, self)
            super().__init__()

    return Early()


ERRORS = {
    "parameter too early": lambda lib: early(lib, lambda lib, m: setattr(m, "p", leaf(lib))),
    "module too early": lambda lib: early(lib, lambda lib, m: setattr(m, "p", lib.nn.ReLU())),
    "register too early": lambda lib: early(lib, lambda lib, m: m.register_parameter("p", None)),
    "buffer too early": lambda lib: early(lib, lambda lib, m: m.register_buffer("p", None)),
    "unknown attribute": lambda lib: lib.nn.ReLU().nothing,
    "no forward": lambda lib: lib.nn.Module()(1),
    "tensor for parameter": lambda lib: setattr(lib.nn.Linear(1, 1), "weight", lib.ones(1)),
    "number for parameter": lambda lib: setattr(lib.nn.Linear(1, 1), "weight", 3),
    "number for module": lambda lib: setattr(lib.nn.Sequential(lib.nn.ReLU()), "0", 3),
    "number for buffer": lambda lib: setattr(network(lib), "buffer", 3),
    "dotted parameter": lambda lib: lib.nn.Module().register_parameter("a.b", None),
    "nameless parameter": lambda lib: lib.nn.Module().register_parameter("", None),
    "numbered parameter": lambda lib: lib.nn.Module().register_parameter(3, None),
    "taken parameter": lambda lib: lib.nn.Module().register_parameter("forward", None),
    "tensor as parameter": lambda lib: lib.nn.Module().register_parameter("p", lib.ones(1)),
    "computed parameter": lambda lib: lib.nn.Module().register_parameter("p", computed(lib)),
    "dotted buffer": lambda lib: lib.nn.Module().register_buffer("a.b", None),
    "nameless buffer": lambda lib: lib.nn.Module().register_buffer("", None),
    "taken buffer": lambda lib: lib.nn.Linear(1, 1).register_buffer("weight", None),
    "number as buffer": lambda lib: lib.nn.Module().register_buffer("b", 3),
    "number as module": lambda lib: lib.nn.Module().add_module("b", 3),
    "dotted module": lambda lib: lib.nn.Module().add_module("a.b", None),
    "nameless module": lambda lib: lib.nn.Module().add_module("", None),
    "taken module": lambda lib: lib.nn.Linear(1, 1).add_module("weight", None),
    "submodule": lambda lib: network(lib).get_submodule("blocks.5"),
    "submodule, wrong kind": lambda lib: network(lib).get_submodule("weight"),
    "parameter": lambda lib: network(lib).get_parameter("blocks.0.nope"),
    "parameter, wrong kind": lambda lib: network(lib).get_parameter("buffer"),
    "buffer": lambda lib: network(lib).get_buffer("nope"),
    "buffer, wrong kind": lambda lib: network(lib).get_buffer("weight"),
    "set submodule": lambda lib: network(lib).set_submodule("", lib.nn.ReLU()),
    "set submodule, strict": lambda lib: network(lib).set_submodule("a", lib.nn.ReLU(), True),
    "set submodule, wrong kind": lambda lib: network(lib).set_submodule("weight", lib.nn.ReLU()),
    "integer type": lambda lib: lib.nn.Linear(1, 1).to(lib.int64),
    "mode": lambda lib: lib.nn.ReLU().train(1),
    "deleted attribute": lambda lib: delattr(lib.nn.ReLU(), "nothing"),
    "taken name in a dict": lambda lib: lib.nn.ModuleDict({"items": lib.nn.ReLU()}),
    "bad pairs": lambda lib: lib.nn.ModuleDict([("a", "b", "c")]),
    "no pairs": lambda lib: lib.nn.ModuleDict(3),
    "list of numbers": lambda lib: lib.nn.ModuleList([3]),
    "tensor as list": lambda lib: lib.nn.ParameterList(lib.ones(2)),
    "calling a list": lambda lib: lib.nn.ParameterList([])(1),
    "calling a dict": lambda lib: lib.nn.ParameterDict()(1),
    "key of a dict": lambda lib: lib.nn.ParameterDict([(1, 2)]),
}


def computed(lib):
    class Computed(lib.nn.Parameter):
        grad_fn = "something"

    return Computed(lib.ones(1))


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS.keys())
def test_errors(case) -> None:
    ours, theirs = outcome(lambda: case(minitorch)), outcome(lambda: case(torch))
    assert theirs[0] != "nothing"
    assert ours[0] == theirs[0]
    known = theirs[1].replace(".modules.", ".").replace(" Open an issue on github if you need", "")
    assert ours[1].split(" non-string")[0] == known.split(" non-string")[0]


REGISTERED = {
    "a layer": ("b", lambda lib: lib.nn.ReLU()),
    "nothing": ("b", lambda lib: None),
    "a number": ("b", lambda lib: 3),
    "a class": ("b", lambda lib: lib.nn.ReLU),
    "a dotted name": ("a.b", lambda lib: lib.nn.ReLU()),
    "no name": ("", lambda lib: lib.nn.ReLU()),
    "a parameter's name": ("weight", lambda lib: lib.nn.ReLU()),
    "a method's name": ("forward", lambda lib: lib.nn.ReLU()),
    "a number for a name": (3, lambda lib: lib.nn.ReLU()),
}


@pytest.mark.parametrize(("name", "make"), REGISTERED.values(), ids=REGISTERED.keys())
def test_register_module(name, make) -> None:
    seen = []
    for lib in (minitorch, torch):
        layer = lib.nn.Linear(1, 1)
        kind, words = outcome(lambda lib=lib, layer=layer: layer.register_module(name, make(lib)))
        children = {key: type(child).__name__ for key, child in layer._modules.items()}
        seen.append((kind, words.replace(".modules.activation.", ".rectifier."), children))
    assert seen[0] == seen[1]


def test_a_parameter_replaces_what_had_its_name() -> None:
    for lib in (minitorch, torch):
        module = lib.nn.Module()
        module.x = 3
        module.x = leaf(lib)
        assert list(module._parameters) == ["x"]
        module.register_buffer("b", lib.ones(1), persistent=False)
        module.b = leaf(lib)
        assert list(module._parameters) == ["x", "b"]
        assert not module._buffers
        module.x = None
        assert module.x is None
        assert list(module.state_dict()) == ["b"]
        del module.b
        assert not hasattr(module, "b")


# ---------------------------------------------------------------------------------- hooks


def trace_of(lib, register, backward: bool = True):
    """Return what hooks saw, as shapes and numbers, and the gradients."""
    lib.manual_seed(0)
    model = network(lib).double()
    values = np.random.default_rng(0)
    with lib.no_grad():
        for parameter in model.parameters():
            parameter.copy_(lib.tensor(values.standard_normal(tuple(parameter.shape))))
    x = lib.tensor(values.standard_normal((2, 3)), requires_grad=True)
    log: list = []
    register(lib, model, log)
    out = model(x)
    if backward:
        (out**2).sum().backward()
    gradients = {name: p.grad for name, p in model.named_parameters()} | {"x": x.grad}
    return log, out, gradients


def summary(value):
    if hasattr(value, "detach"):
        return value.detach().numpy().round(9).tolist()
    if isinstance(value, tuple):
        return tuple(map(summary, value))
    return value


def forward_hooks(lib, model, log):
    block = model.blocks[0]

    def note(name):
        return lambda *args: log.append((name, *map(summary, args[1:])))

    block.register_forward_hook(note("second"))
    block.register_forward_hook(note("first"), prepend=True)
    block.register_forward_hook(note("kwargs"), with_kwargs=True)
    block.register_forward_pre_hook(note("pre"))
    block.register_forward_pre_hook(note("pre kwargs"), with_kwargs=True, prepend=True)
    handle = block.register_forward_hook(note("removed"))
    handle.remove()
    handle.remove()


def changing_hooks(lib, model, log):
    model.blocks[0].register_forward_pre_hook(lambda m, args: args[0] * 2)
    model.blocks[0].register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"factor": 3.0}), with_kwargs=True
    )
    model.blocks[1].register_forward_hook(lambda m, args, out: out + 1)


def backward_hooks(lib, model, log):
    def note(name):
        return lambda module, *gradients: log.append((name, *map(summary, gradients)))

    for name, module in model.named_modules():
        if name and not isinstance(module, lib.nn.ModuleList):
            module.register_full_backward_hook(note(name))
            module.register_full_backward_pre_hook(note("pre " + name))
    model.register_full_backward_hook(note("net first"), prepend=True)
    model.register_full_backward_pre_hook(note("net pre"), prepend=True)


def changing_backward_hooks(lib, model, log):
    model.blocks[1].register_full_backward_hook(lambda m, gi, go: (gi[0] * 2,))
    model.head.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))


@pytest.mark.parametrize(
    "register", [forward_hooks, changing_hooks, backward_hooks, changing_backward_hooks]
)
def test_hooks(register) -> None:
    ours, theirs = trace_of(minitorch, register), trace_of(torch, register)
    assert [entry[0] for entry in ours[0]] == [entry[0] for entry in theirs[0]]
    assert repr(ours[0]).replace("-0.0", "0.0") == repr(theirs[0]).replace("-0.0", "0.0")
    close(ours[1], theirs[1])
    for name, gradient in theirs[2].items():
        close(ours[2][name], gradient)


def several(lib):
    class Several(lib.nn.Module):
        def forward(self, a, text, b):
            return a * b, text, b * 2

    return Several()


def test_backward_hooks_with_several_values() -> None:
    seen = []
    for lib in (minitorch, torch):
        log = []
        module = several(lib)
        module.register_full_backward_hook(lambda m, gi, go, log=log: log.append(summary((gi, go))))
        a, b = lib.ones(2, requires_grad=True), lib.ones(2) * 3
        out = module(a, "text", b)
        assert out[1] == "text"
        (out[0].sum() + out[2].sum()).backward()
        seen.append((log, summary(a.grad)))
    assert seen[0] == seen[1]


def test_backward_hooks_without_input_gradients() -> None:
    seen = []
    for lib in (minitorch, torch):
        log = []
        layer = lib.nn.Linear(2, 2, bias=False)
        lib.nn.init.ones_(layer.weight)
        layer.register_full_backward_hook(lambda m, gi, go, log=log: log.append(summary((gi, go))))

        def step(lib=lib, layer=layer):
            layer(lib.ones(1, 2)).sum().backward()

        caught = [text.split(" See ")[0].rstrip(".") for _, text in warnings_of(step)]
        seen.append((log, caught, summary(layer.weight.grad)))
    assert seen[0][0] == seen[1][0]
    assert seen[0][2] == seen[1][2]
    assert seen[0][1] == seen[1][1]


HOOK_ERRORS = {
    "pre-hook": lambda lib, m: m.register_forward_pre_hook(lambda *a: 3, with_kwargs=True),
    "count": lambda lib, m: m.register_full_backward_hook(lambda *a: (None, None)),
    "count before": lambda lib, m: m.register_full_backward_pre_hook(lambda *a: (None, None)),
}


@pytest.mark.parametrize("register", HOOK_ERRORS.values(), ids=HOOK_ERRORS.keys())
def test_hook_errors(register) -> None:
    def run(lib):
        module = lib.nn.Linear(2, 2)
        register(lib, module)
        module(lib.ones(1, 2, requires_grad=True)).sum().backward()

    ours, theirs = outcome(lambda: run(minitorch)), outcome(lambda: run(torch))
    assert ours == theirs
    assert ours[0] == "RuntimeError"


def test_always_called_hooks() -> None:
    seen = []
    for lib in (minitorch, torch):
        log = []
        module = lib.nn.Linear(2, 2)
        module.register_forward_hook(lambda m, a, o, log=log: log.append("plain"))
        module.register_forward_hook(
            lambda m, a, o, log=log: log.append("always"), always_call=True
        )
        error = outcome(lambda lib=lib, module=module: module(lib.ones(1, 3)))
        module(lib.ones(1, 2))
        seen.append((error[0], log))
    assert seen[0] == seen[1]


def state_hooks(lib):
    log = []
    model = lib.nn.Sequential(lib.nn.Linear(1, 1))
    layer = model[0]
    layer.register_state_dict_pre_hook(lambda m, prefix, keep: log.append(("pre", prefix, keep)))
    layer.register_state_dict_post_hook(lambda m, s, prefix, meta: s.pop(prefix + "bias") and None)
    state = model.state_dict()
    layer.register_load_state_dict_pre_hook(
        lambda m, s, prefix, meta, strict, missing, unexpected, errors: s.update(
            {prefix + "bias": lib.ones(1)}
        )
    )
    model.register_load_state_dict_post_hook(
        lambda m, keys: log.append((list(keys.missing_keys), list(keys.unexpected_keys)))
    )
    model.load_state_dict(state)
    other = lib.nn.Linear(1, 1)
    other.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    other.load_state_dict({})
    return log, list(state), layer.bias.item()


def test_state_dict_hooks() -> None:
    assert state_hooks(minitorch) == state_hooks(torch)


def test_spoken_here() -> None:
    assert spoken_here("torch.nn and a torchlight") == "minitorch.nn and a torchlight"
