"""Single steps of recurrent layers: `RNNCell`, `GRUCell` and `LSTMCell`."""

from __future__ import annotations

import math
from typing import Any

from minitorch import dtypes, ops
from minitorch.devices import require_cpu
from minitorch.nn import init
from minitorch.nn._recurrent import GATES, States, add_parameters
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class RNNCellBase(Module):
    """What the cells share: parameters, and one step.

    Args:
        input_size: size of the input.
        hidden_size: size of each state.
        bias: whether there are the two biases.
        num_chunks: how many gates there are.
        device: ``"cpu"``.
        dtype: of the parameters.
    """

    input_size: int
    hidden_size: int
    bias: bool

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        require_cpu(device, type(self).__name__)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        add_parameters(self, "", num_chunks, input_size, hidden_size, bias, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        bias = "" if self.bias is True else f", bias={self.bias}"
        return f"{self.input_size}, {self.hidden_size}{bias}"

    def _step(self, mode: str, input: Tensor, states: States | None) -> States:
        """Return the states after a step; zeros come before it if `states` is None."""
        x = input if input.dim() == 2 else input.unsqueeze(0)
        if states is None:
            states = (x.new_zeros((len(x), self.hidden_size)),) * (2 if mode == "LSTM" else 1)
        first = tuple(state if state.dim() == 2 else state.unsqueeze(0) for state in states)
        self._check_sizes(x, first)
        weights: Any = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh
        out, last = ops.recur(mode, (len(x),), x, weights, first)
        last = (out, *last[1:])
        return last if input.dim() == 2 else tuple(state.squeeze(0) for state in last)

    def _check_sizes(self, x: Tensor, states: States) -> None:
        """Refuse shapes that do not fit."""
        if x.shape[1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {x.shape[1]} expected {self.input_size}"
            )
        for i, state in enumerate(states):
            if len(state) != len(x):
                raise RuntimeError(
                    f"Input batch size {len(x)} doesn't match hidden{i} batch size {len(state)}"
                )
            if state.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {state.shape[1]}, "
                    f"expected {self.hidden_size}"
                )


def _check_dimensions(kind: str, **tensors: Tensor | None) -> None:
    """Refuse what is neither a sample nor a batch of them."""
    for name, tensor in tensors.items():
        if tensor is not None and tensor.dim() not in (1, 2):
            raise ValueError(f"{kind}: Expected {name} to be 1D or 2D, got {tensor.dim()}D instead")


class RNNCell(RNNCellBase):
    r"""Take one step of a plain recurrent network.

    .. math:: h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})

    Args:
        input_size: size of the input, :math:`H_{in}`.
        hidden_size: size of the state, H.
        bias: whether there are the two biases.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(N, H_{in})` or :math:`(H_{in})`; hx and output :math:`(N, H)` or
          :math:`(H)`.
        - weight_ih: :math:`(H, H_{in})`, weight_hh: :math:`(H, H)`, bias_ih and bias_hh:
          :math:`(H)`, all drawn from :math:`U(-1/\sqrt{H}, 1/\sqrt{H})`.

    Raises:
        ValueError: for other dimensions.
        RuntimeError: if the sizes do not fit, or for another nonlinearity.

    Example:
        >>> import minitorch
        >>> cell = minitorch.nn.RNNCell(10, 20)
        >>> cell(minitorch.randn(3, 10)).shape
        minitorch.Size([3, 20])
    """

    nonlinearity: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the state after the step; before it comes `hx`, by default zeros."""
        _check_dimensions("RNNCell", input=input, hidden=hx)
        mode = f"RNN_{self.nonlinearity.upper()}"
        if mode not in GATES:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._step(mode, input, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        kind = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + kind


class GRUCell(RNNCellBase):
    """Take one step of a `GRU`.

    Args:
        input_size: size of the input.
        hidden_size: size of the state.
        bias: whether there are the two biases.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        As `RNNCell`, with the rows of three gates in each parameter.

    Raises:
        ValueError: for other dimensions.
        RuntimeError: if the sizes do not fit.

    Example:
        >>> import minitorch
        >>> cell = minitorch.nn.GRUCell(10, 20)
        >>> cell(minitorch.randn(3, 10), minitorch.zeros(3, 20)).shape
        minitorch.Size([3, 20])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the state after the step; before it comes `hx`, by default zeros."""
        _check_dimensions("GRUCell", input=input, hidden=hx)
        return self._step("GRU", input, None if hx is None else (hx,))[0]


class LSTMCell(RNNCellBase):
    """Take one step of an `LSTM`.

    Args:
        input_size: size of the input.
        hidden_size: size of each state.
        bias: whether there are the two biases.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        As `RNNCell`, with the rows of four gates in each parameter, and pairs of states.

    Raises:
        ValueError: for other dimensions.
        RuntimeError: if the sizes do not fit.

    Example:
        >>> import minitorch
        >>> cell = minitorch.nn.LSTMCell(10, 20)
        >>> h, c = cell(minitorch.randn(3, 10))
        >>> h.shape, c.shape
        (minitorch.Size([3, 20]), minitorch.Size([3, 20]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return hidden state and cell after the step; before it come `hx`, by default zeros."""
        _check_dimensions("LSTMCell", input=input)
        if hx is not None and not isinstance(hx, (tuple, list)):
            raise TypeError(f"hx must be tuple of Tensors, not {type(hx).__name__}")
        if hx is not None:
            _check_dimensions("LSTMCell", **{"hx[0]": hx[0], "hx[1]": hx[1]})
        h, c = self._step("LSTM", input, hx)
        return h, c
