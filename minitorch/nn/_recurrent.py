"""What the recurrent layers share: parameters, and the way through layers and directions."""

from __future__ import annotations

import math
import numbers
from typing import Any

from minitorch import dtypes, ops
from minitorch.devices import require_cpu
from minitorch.kernels import empty_transposed
from minitorch.nn import functional as F
from minitorch.nn import init
from minitorch.nn._factory import empty_parameter
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.nn.utils.rnn import PackedSequence
from minitorch.notices import warn
from minitorch.tensor import Tensor, wrap

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}

States = tuple[Tensor, ...]  # the hidden states, and for an LSTM the cells, of all layers


class RNNBase(Module):
    """A recurrent layer of any kind: one of `RNN`, `GRU` and `LSTM`.

    Args:
        mode: ``"RNN_TANH"``, ``"RNN_RELU"``, ``"GRU"`` or ``"LSTM"``.
        input_size: size of each step of the input.
        hidden_size: size of each state.
        num_layers: each further layer reads what the one before it wrote.
        bias: whether there are the two biases.
        batch_first: whether the batch comes before time in input and output; not in the states.
        dropout: in training, the probability with which an output of any layer but the last is set
            to 0.
        bidirectional: whether each layer reads the sequence from its end, too.
        proj_size: not supported.
        device: ``"cpu"``.
        dtype: of the parameters.
    """

    mode: str
    input_size: int
    hidden_size: int
    num_layers: int
    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: bool
    proj_size: int

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, type(self).__name__)
        if mode not in GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        _check(input_size, hidden_size, num_layers, bias, batch_first, dropout)
        if proj_size:
            raise NotImplementedError(
                f"{type(self).__name__}: proj_size={proj_size} is not supported"
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * self._directions
            for suffix in self._suffixes(layer):
                add_parameters(self, suffix, GATES[mode], size, hidden_size, bias, dtype)
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        """Return what ends the names of a layer's parameters, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        suffixes = [s for layer in range(self.num_layers) for s in self._suffixes(layer)]
        return [[p for p in _parameters(self, suffix) if p is not None] for suffix in suffixes]

    def reset_parameters(self) -> None:
        """Draw every parameter anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing: the parameters of a layer on a CPU lie where they should."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the last layer's hidden state after each step, and all layers' last states.

        Args:
            input: sequences of one length, or packed ones of several.
            hx: the states before the first step, zeros by default.
        """
        states = None if hx is None else self._states(hx)
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, states)
        if input.dim() not in (2, 3):
            noun = " tensor" if self.mode.startswith("RNN") else ""
            raise ValueError(
                f"{self._kind}: Expected input to be 2D or 3D, got {input.dim()}D{noun} instead"
            )
        batched = input.dim() == 3
        if states is not None:
            self._check_dimensions(states, batched)
            states = states if batched else tuple(state.unsqueeze(1) for state in states)
        x = input if batched else input.unsqueeze(1)
        if self.batch_first and batched:
            x = x.transpose(0, 1)
        length, n, _ = x.shape
        self._check_input(x)
        if not length:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        rows = x.reshape(length * n, self.input_size)
        out, last = self._through_layers(rows, (n,) * length, self._first(states, x, n))
        out = out.view(length, n, out.shape[1])
        if not batched:
            return out.squeeze(1), self._hidden(tuple(state.squeeze(1) for state in last))
        return out.transpose(0, 1) if self.batch_first else out, self._hidden(last)

    def _forward_packed(self, input: PackedSequence, states: States | None) -> Any:
        x, batch_sizes, order, back = input
        if x.dim() != 2:
            raise RuntimeError(f"input must have 2 dimensions, got {x.dim()}")
        self._check_input(x)
        sizes = tuple(batch_sizes.tolist())
        if states is not None and order is not None:
            states = tuple(state.index_select(1, order) for state in states)
        out, last = self._through_layers(x, sizes, self._first(states, x, sizes[0]))
        if back is not None:
            last = tuple(state.index_select(1, back) for state in last)
        return PackedSequence(out, batch_sizes, order, back), self._hidden(last)

    def _through_layers(self, x: Tensor, sizes: tuple[int, ...], states: States) -> Any:
        """Return the packed hidden states of the last layer, and the last states of all."""
        last: list[States] = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = F.dropout(x, self.dropout)
            outputs = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                first = tuple(state[len(last)] for state in states)
                weights = _parameters(self, suffix)
                out, final = ops.recur(self.mode, sizes, x, weights, first, bool(reverse))
                outputs.append(out)
                last.append(final)
            x = outputs[0] if len(outputs) == 1 else ops.cat(outputs, 1)
        return x, tuple(ops.stack(list(each)) for each in zip(*last, strict=True))

    # ------------------------------------------------------------------------------ the states

    @property
    def _kind(self) -> str:
        return self.mode.partition("_")[0]

    def _states(self, hx: Any) -> States:
        """Return what a user calls the hidden state as a tuple of tensors."""
        return (hx,)

    def _hidden(self, states: States) -> Any:
        """Return a tuple of tensors as what a user calls the hidden state."""
        return states[0]

    def _first(self, states: States | None, x: Tensor, n: int) -> States:
        """Return the states before the first step, or zeros if none are given."""
        shape = self.num_layers * self._directions, n, self.hidden_size
        if states is None:
            return (x.new_zeros(shape),) * (2 if self.mode == "LSTM" else 1)
        for i, state in enumerate(states):
            if state.shape != shape:
                name = f"hidden[{i}]" if self.mode == "LSTM" else "hidden"
                raise RuntimeError(f"Expected {name} size {shape}, got {list(state.shape)}")
        return states

    def _check_input(self, x: Tensor) -> None:
        weight: Any = self.weight_ih_l0  # a parameter, or what a normalization makes of several
        if x.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({x.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: model.to({x.dtype})"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {x.shape[-1]}"
            )

    def _check_dimensions(self, states: States, batched: bool) -> None:
        want = 3 if batched else 2
        if all(state.dim() == want for state in states):
            return
        case = "batched 3-D" if batched else "unbatched 2-D"
        if self.mode == "LSTM":
            got = ", ".join(f"{state.dim()}-D" for state in states)
            raise RuntimeError(
                f"For {case} input, hx and cx should also be {want}-D but got ({got}) tensors"
            )
        raise RuntimeError(
            f"For {case} input, hx should also be {want}-D but got {states[0].dim()}-D tensor"
        )

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        shown = [str(self.input_size), str(self.hidden_size)]
        usual = {
            "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
            "bidirectional": False,
        }  # fmt: skip
        for name, value in usual.items():
            if getattr(self, name) != value:
                shown.append(f"{name}={getattr(self, name)}")
        return ", ".join(shown)


# ------------------------------------------------------------------------------- the parameters


def add_parameters(
    module: Module,
    suffix: str,
    gates: int,
    input_size: int,
    hidden_size: int,
    bias: bool,
    dtype: dtypes.dtype | None,
) -> None:
    """Register the weights of the input and of the state, and their biases, undrawn."""
    numpy_dtype = dtypes.numpy_dtype(dtype)
    for name, size in (("weight_ih", input_size), ("weight_hh", hidden_size)):
        # Stored so that x @ weight.T is a plain product, as in `Linear`.
        matrix = empty_transposed((gates * hidden_size, size), numpy_dtype)
        module.register_parameter(name + suffix, Parameter(wrap(matrix)))
    for name in ("bias_ih", "bias_hh"):
        parameter = empty_parameter((gates * hidden_size,), dtype) if bias else None
        module.register_parameter(name + suffix, parameter)


def _parameters(module: Module, suffix: str) -> Any:
    """Return what `add_parameters` registered."""
    names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
    return tuple(getattr(module, name + suffix) for name in names)


def _check(
    input_size: Any, hidden_size: Any, num_layers: Any, bias: Any, batch_first: Any, dropout: Any
) -> None:
    """Refuse what no recurrent layer can be made of."""
    number = isinstance(dropout, numbers.Number) and not isinstance(dropout, bool)
    if not number or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element "
            "being zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and "
            f"num_layers={num_layers}"
        )
    kinds = ("bias", bias, bool), ("batch_first", batch_first, bool)
    sizes = ("input_size", input_size, int), ("hidden_size", hidden_size, int)
    for name, value, kind in (*kinds, *sizes):
        if not isinstance(value, kind):
            raise TypeError(
                f"{name} should be of type {kind.__name__}, got: {type(value).__name__}"
            )
    for name, value in (
        ("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers),
    ):  # fmt: skip
        if value <= 0:
            raise ValueError(f"{name} must be greater than zero")
