"""Recurrent layers, their cells and packed sequences against PyTorch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn as tnn
from torch.nn.utils import rnn as trnn

import minitorch
from minitorch import nn
from minitorch.nn.utils import rnn
from tests.parity.nn.compare import close, outcome, same_to_second_order

RNG = np.random.default_rng(0)
N, T, IN, H = 3, 5, 4, 3
LENGTHS = [2, 5, 4]
KINDS = {
    "tanh": ("RNN", {}),
    "relu": ("RNN", {"nonlinearity": "relu"}),
    "gru": ("GRU", {}),
    "lstm": ("LSTM", {}),
}


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def pair(kind: str, *sizes: int, suffix: str = "", **options) -> tuple:
    """Return a float64 layer here and there, with the same parameters."""
    name, more = KINDS[kind]
    theirs = getattr(tnn, name + suffix)(*sizes, **more, **options).double()
    ours = getattr(nn, name + suffix)(*sizes, **more, **options).double()
    ours.load_state_dict({k: minitorch.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    return ours, theirs


def flat(states) -> list:
    return list(states) if isinstance(states, tuple) else [states]


def run(library, module, sequences, x: np.ndarray, states: list[np.ndarray], packed: bool) -> list:
    """Return outputs, last states, and the gradients of all that went in."""
    batch_first = module.batch_first
    x = library.tensor(x, requires_grad=True)
    hx = [library.tensor(state, requires_grad=True) for state in states]
    given = sequences.pack_padded_sequence(x, LENGTHS, batch_first, False) if packed else x
    arguments = [] if not hx else [hx[0] if module.mode != "LSTM" else tuple(hx)]
    out, last = module(given, *arguments)
    if packed:
        out, lengths = sequences.pad_packed_sequence(out, batch_first)
        assert lengths.tolist() == LENGTHS
    results = [out, *flat(last)]
    loss = sum(
        (y * library.tensor(np.cos(np.arange(y.numel()))).reshape(y.shape)).sum() for y in results
    )
    loss.backward()
    return [*results, x.grad, *(s.grad for s in hx), *(p.grad for p in module.parameters())]


LAYOUTS = [
    {"num_layers": layers, "bidirectional": both, "batch_first": first}
    for layers, both, first in itertools.product((1, 2), (False, True), (False, True))
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: "-".join(map(str, layout.values())))
@pytest.mark.parametrize("packed", [False, True], ids=["whole", "packed"])
@pytest.mark.parametrize("kind", KINDS)
def test_layers(kind, packed, layout):
    for bias, given in ((True, True), (False, False)):
        modules = pair(kind, IN, H, bias=bias, **layout)
        x = normal(N, T, IN) if layout["batch_first"] else normal(T, N, IN)
        count = layout["num_layers"] * (1 + layout["bidirectional"])
        states = [normal(count, N, H) for _ in range((2 if kind == "lstm" else 1) * given)]
        found, expected = (
            run(library, module, sequences, x, states, packed)
            for library, module, sequences in zip(
                (minitorch, torch), modules, (rnn, trnn), strict=True
            )
        )
        close(found, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_one_sequence(kind):
    for batch_first in (False, True):
        ours, theirs = pair(kind, IN, H, bidirectional=True, batch_first=batch_first)
        states = [normal(2, H) for _ in range(2 if kind == "lstm" else 1)]
        x = normal(T, IN)
        close(
            *(
                run(lib, m, None, x, states, False)
                for lib, m in ((minitorch, ours), (torch, theirs))
            )
        )


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind):
    ours, theirs = pair(kind, IN, H, num_layers=2, bidirectional=True)

    def through(module):
        return lambda x: module(x)[0]

    same_to_second_order(through(ours), through(theirs), normal(T, N, IN))


@pytest.mark.parametrize("kind", KINDS)
def test_cells(kind):
    for bias in (True, False):
        ours, theirs = pair(kind, IN, H, suffix="Cell", bias=bias)
        count = 2 if kind == "lstm" else 1
        for shape, state in (((N, IN), (N, H)), ((IN,), (H,))):
            arrays = normal(*shape), *(normal(*state) for _ in range(count))
            same_to_second_order(weighed(ours), weighed(theirs), *arrays)
            x = arrays[0]
            close(flat(ours(minitorch.tensor(x))), flat(theirs(torch.tensor(x))))


def weighed(cell):
    """Return a function of the input and the states: a sum of what the step makes of them."""

    def step(x, *states):
        made = flat(cell(x, states if len(states) > 1 else states[0]))
        return sum(y * (i + 1) for i, y in enumerate(made))

    return step


def test_gradients_of_one_output_alone():
    """What nobody used has no gradient, and costs none."""
    ours, theirs = pair("lstm", IN, H)
    x = normal(T, N, IN)
    for pick in (lambda o, h, c: o, lambda o, h, c: h, lambda o, h, c: c):
        found = []
        for library, module in ((minitorch, ours), (torch, theirs)):
            module.zero_grad()
            out, (h, c) = module(library.tensor(x))
            pick(out, h, c).sin().sum().backward()
            found.append([p.grad for p in module.parameters()])
        close(*found, rtol=1e-8)


def test_initial_distribution_and_weights():
    ours = nn.LSTM(IN, 400, num_layers=2, bidirectional=True)
    theirs = tnn.LSTM(IN, 400, num_layers=2, bidirectional=True)
    for (name, p), (name_there, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert (name, tuple(p.shape)) == (name_there, tuple(q.shape))
        assert p.abs().max().item() <= 1 / 20
        assert p.std().item() == pytest.approx(q.std().item(), rel=0.1)
    assert [len(w) for w in ours.all_weights] == [len(w) for w in theirs.all_weights]


def test_dropout_lies_between_layers_and_only_in_training():
    ours, _ = pair("gru", IN, 200, num_layers=2, dropout=0.5)
    x = minitorch.tensor(normal(T, N, IN))
    first, second = (ours(x)[1] for _ in range(2))
    assert minitorch.equal(first[0], second[0])
    assert not minitorch.equal(first[1], second[1])
    ours.eval()
    assert minitorch.equal(ours(x)[0], ours(x)[0])


def test_an_lstm_follows_the_loss_of_a_training_there():
    ours, theirs = pair("lstm", IN, 16, num_layers=2, batch_first=True)
    inputs, targets = normal(40, 8, T, IN), normal(40, 8, 16)
    losses = []
    for library, module in ((minitorch, ours), (torch, theirs)):
        optimizer = library.optim.Adam(module.parameters(), lr=0.01)
        run = []
        for x, y in zip(inputs, targets, strict=True):
            optimizer.zero_grad()
            _, (h, _) = module(library.tensor(x))
            loss = library.nn.functional.mse_loss(h[-1], library.tensor(y))
            loss.backward()
            optimizer.step()
            run.append(loss.item())
        losses.append(run)
    np.testing.assert_allclose(*losses, rtol=1e-7)


# -------------------------------------------------------------------------------- packing


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("lengths", [[5, 4, 2], [2, 5, 4], [3, 3, 3], [1, 5, 1]], ids=str)
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)], ids=str)
def test_packing_and_padding(shape, lengths, batch_first):
    x = normal(3, T, *shape) if batch_first else normal(T, 3, *shape)
    found = []
    for library, module in ((minitorch, rnn), (torch, trnn)):
        tensor = library.tensor(x, requires_grad=True)
        packed = module.pack_padded_sequence(tensor, lengths, batch_first, enforce_sorted=False)
        padded, sizes = module.pad_packed_sequence(packed, batch_first, -1.5, total_length=7)
        (padded.sin().sum() + packed.data.cos().sum()).backward()
        found.append([*packed, padded, sizes, tensor.grad])
    close(*found)


def test_sequences_packed_and_unpacked():
    arrays = [normal(length, 2) for length in (4, 4, 1)]
    found = []
    for library, module in ((minitorch, rnn), (torch, trnn)):
        packed = module.pack_sequence([library.tensor(a) for a in arrays])
        assert packed.sorted_indices is packed.unsorted_indices is None
        padded, sizes = module.pad_packed_sequence(packed, batch_first=True)
        unpadded = module.unpad_sequence(padded, sizes, batch_first=True)
        found.append([packed.data, packed.batch_sizes, *module.unpack_sequence(packed), *unpadded])
        assert packed.float().data.dtype == library.float32
        assert packed.double() is packed
    close(*found)


# -------------------------------------------------------------------------------- refusals

REFUSED = {
    "size": lambda t: t.nn.LSTM(0, 3),
    "hidden": lambda t: t.nn.GRU(3, -1),
    "layers": lambda t: t.nn.RNN(3, 4, num_layers=0),
    "kind of size": lambda t: t.nn.RNN(3.0, 4),
    "bias": lambda t: t.nn.RNN(3, 4, bias=1),
    "dropout": lambda t: t.nn.RNN(3, 4, dropout=2),
    "nonlinearity": lambda t: t.nn.RNN(3, 4, nonlinearity="gelu"),
    "dimensions": lambda t: t.nn.LSTM(3, 4)(t.zeros(3)),
    "dimensions of an RNN": lambda t: t.nn.RNN(3, 4)(t.zeros(3)),
    "input size": lambda t: t.nn.GRU(3, 4)(t.zeros(2, 2, 5)),
    "input dtype": lambda t: t.nn.GRU(3, 4)(t.zeros(2, 2, 3).double()),
    "no step": lambda t: t.nn.RNN(3, 4)(t.zeros(0, 2, 3)),
    "hx": lambda t: t.nn.GRU(3, 4)(t.zeros(2, 2, 3), t.zeros(1, 3, 4)),
    "h": lambda t: t.nn.LSTM(3, 4)(t.zeros(2, 2, 3), (t.zeros(1, 3, 4), t.zeros(1, 2, 4))),
    "c": lambda t: t.nn.LSTM(3, 4)(t.zeros(2, 2, 3), (t.zeros(1, 2, 4), t.zeros(1, 2, 5))),
    "hx of one": lambda t: t.nn.RNN(3, 4)(t.zeros(2, 3), t.zeros(1, 1, 4)),
    "hx of many": lambda t: t.nn.RNN(3, 4)(t.zeros(2, 2, 3), t.zeros(1, 4)),
    "h and c": lambda t: t.nn.LSTM(3, 4)(t.zeros(2, 3), (t.zeros(1, 1, 4), t.zeros(1, 4))),
    "cell dimensions": lambda t: t.nn.GRUCell(3, 4)(t.zeros(2, 2, 3)),
    "cell hidden dimensions": lambda t: t.nn.RNNCell(3, 4)(t.zeros(2, 3), t.zeros(1, 2, 4)),
    "cell states": lambda t: t.nn.LSTMCell(3, 4)(t.zeros(2, 3), (t.zeros(2, 4), t.zeros(1, 2, 4))),
    "cell input": lambda t: t.nn.RNNCell(3, 4)(t.zeros(2, 5)),
    "cell batch": lambda t: t.nn.GRUCell(3, 4)(t.zeros(2, 3), t.zeros(3, 4)),
    "cell hidden": lambda t: t.nn.LSTMCell(3, 4)(t.zeros(2, 3), (t.zeros(2, 5), t.zeros(2, 5))),
    "dtype of hx": lambda t: t.nn.GRU(3, 4)(t.zeros(2, 2, 3), t.zeros(1, 2, 4).double()),
    "cell dtype": lambda t: t.nn.RNNCell(3, 4)(t.ones(2, 3, dtype=t.int64)),
    "data": lambda t: t.nn.utils.rnn.PackedSequence(t.ones(5)),
    "cell kind": lambda t: t.nn.RNNCell(3, 4, nonlinearity="gelu")(t.zeros(2, 3)),
    "order": lambda t: t.nn.utils.rnn.pack_padded_sequence(t.zeros(3, 2), [1, 3]),
    "no length": lambda t: t.nn.utils.rnn.pack_padded_sequence(t.zeros(3, 2), [3, 0]),
    "lengths": lambda t: t.nn.utils.rnn.pack_padded_sequence(t.zeros(3, 2), [3]),
    "nothing": lambda t: t.nn.utils.rnn.pack_padded_sequence(t.zeros(3, 0), []),
    "total": lambda t: t.nn.utils.rnn.pad_packed_sequence(
        t.nn.utils.rnn.pack_sequence([t.zeros(3)]), total_length=2
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_refusals(call):
    theirs = outcome(lambda: call(torch))
    assert theirs[0] != "nothing"
    assert outcome(lambda: call(minitorch)) == theirs


def test_what_torch_does_not_name():
    with pytest.raises(RuntimeError, match="length 4 was asked for, but the input has 3 steps"):
        rnn.pack_padded_sequence(minitorch.zeros(3, 2), [4, 1])
    with pytest.raises(NotImplementedError, match="LSTM: proj_size=2 is not supported"):
        nn.LSTM(3, 4, proj_size=2)
    with pytest.warns(UserWarning, match="num_layers greater than 1"):
        nn.LSTM(3, 4, dropout=0.5)


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0"])
@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_weights_may_be_normalized(kind, name):
    ours, theirs = pair(kind, IN, H)
    x = normal(T, N, IN)
    found = []
    for library, module in ((minitorch, ours), (torch, theirs)):
        module = library.nn.utils.parametrizations.weight_norm(module, name)
        module(library.tensor(x))[0].sin().sum().backward()
        gradients = {key: p.grad for key, p in module.named_parameters()}
        found.append([gradients[key] for key in sorted(gradients)])
    close(*found, rtol=1e-8)


def test_a_pair_of_states_is_asked_for():
    with pytest.raises(TypeError, match=r"LSTM: hx must be a pair of tensors .* got Tensor"):
        nn.LSTM(3, 4)(minitorch.zeros(2, 2, 3), minitorch.zeros(1, 2, 4))
    with pytest.raises(TypeError, match="hx must be tuple of Tensors, not Tensor"):
        nn.LSTMCell(3, 4)(minitorch.ones(2, 3), minitorch.ones(2, 4))
    with pytest.raises(TypeError, match="got tuple of 1"):
        nn.LSTM(3, 4)(minitorch.zeros(2, 2, 3), (minitorch.zeros(1, 2, 4),))
