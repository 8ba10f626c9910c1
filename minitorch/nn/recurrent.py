"""Recurrent layers over whole sequences: `RNN`, `GRU` and `LSTM`."""

from __future__ import annotations

from typing import Any

from minitorch import dtypes
from minitorch.nn._recurrent import RNNBase, States

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]


class RNN(RNNBase):
    r"""Apply a plain recurrent network to sequences.

    .. math:: h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})

    Args:
        input_size: size of each step of the input, :math:`H_{in}`.
        hidden_size: size of each state, H.
        num_layers: each further layer reads what the one before it wrote.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias: whether there are the two biases.
        batch_first: whether the batch comes before time in input and output; not in the states.
        dropout: in training, the probability with which an output of any layer but the last is set
            to 0.
        bidirectional: whether each layer reads the sequence from its end, too: D is 2, else 1.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input: :math:`(L, N, H_{in})`, :math:`(N, L, H_{in})` with `batch_first`, unbatched
          :math:`(L, H_{in})`, or a `PackedSequence`.
        - hx: :math:`(D \cdot \text{layers}, N, H)`, unbatched :math:`(D \cdot \text{layers}, H)`.
        - Outputs: :math:`(L, N, D H)` or as the input is laid out, and the last states as hx.
        - weight_ih_l0: :math:`(H, H_{in})`, weight_hh_l0: :math:`(H, H)`, bias_ih_l0, bias_hh_l0:
          :math:`(H)`, all drawn from :math:`U(-1/\sqrt{H}, 1/\sqrt{H})`. The further layers' end in
          ``_l1`` and so on, those of the other direction in ``_reverse``.

    Raises:
        ValueError: for a size below 1, another nonlinearity, or an input of another dtype.
        RuntimeError: if the shapes do not fit.

    Reference: Elman, "Finding structure in time", 1990.

    Example:
        >>> import minitorch
        >>> rnn = minitorch.nn.RNN(10, 20, num_layers=2)
        >>> output, h_n = rnn(minitorch.randn(5, 3, 10))
        >>> output.shape, h_n.shape
        (minitorch.Size([5, 3, 20]), minitorch.Size([2, 3, 20]))
    """

    nonlinearity: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    r"""Apply gated recurrent units to sequences.

    .. math::
        r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\
        z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\
        n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\
        h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}

    Args:
        input_size: size of each step of the input, :math:`H_{in}`.
        hidden_size: size of each state, H.
        num_layers: each further layer reads what the one before it wrote.
        bias: whether there are the two biases.
        batch_first: whether the batch comes before time in input and output; not in the states.
        dropout: in training, the probability with which an output of any layer but the last is set
            to 0.
        bidirectional: whether each layer reads the sequence from its end, too: D is 2, else 1.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input, hx and outputs: as those of `RNN`.
        - weight_ih_l0: :math:`(3 H, H_{in})`, weight_hh_l0: :math:`(3 H, H)`, bias_ih_l0 and
          bias_hh_l0: :math:`(3 H)`, the gates r, z and n below one another, all drawn from
          :math:`U(-1/\sqrt{H}, 1/\sqrt{H})`.

    Raises:
        ValueError: for a size below 1, or an input of another dtype.
        RuntimeError: if the shapes do not fit.

    Reference: Cho et al., "Learning phrase representations using RNN encoder-decoder for
    statistical machine translation", arXiv:1406.1078.

    Example:
        >>> import minitorch
        >>> gru = minitorch.nn.GRU(10, 20, batch_first=True, bidirectional=True)
        >>> output, h_n = gru(minitorch.randn(3, 5, 10))
        >>> output.shape, h_n.shape
        (minitorch.Size([3, 5, 40]), minitorch.Size([2, 3, 20]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip


class LSTM(RNNBase):
    r"""Apply a network with long short-term memory to sequences.

    .. math::
        i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\
        f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\
        g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\
        o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho}) \\
        c_t &= f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = o_t \odot \tanh(c_t)

    Args:
        input_size: size of each step of the input, :math:`H_{in}`.
        hidden_size: size of each state, H.
        num_layers: each further layer reads what the one before it wrote.
        bias: whether there are the two biases.
        batch_first: whether the batch comes before time in input and output; not in the states.
        dropout: in training, the probability with which an output of any layer but the last is set
            to 0.
        bidirectional: whether each layer reads the sequence from its end, too: D is 2, else 1.
        proj_size: not supported.
        device: ``"cpu"``.
        dtype: of the parameters.

    Shape:
        - Input and output: as those of `RNN`; hx is a pair, :math:`(h_0, c_0)`, of such states, and
          the last states are :math:`(h_n, c_n)`.
        - weight_ih_l0: :math:`(4 H, H_{in})`, weight_hh_l0: :math:`(4 H, H)`, bias_ih_l0 and
          bias_hh_l0: :math:`(4 H)`, the gates i, f, g and o below one another, all drawn from
          :math:`U(-1/\sqrt{H}, 1/\sqrt{H})`.

    Raises:
        ValueError: for a size below 1, or an input of another dtype.
        RuntimeError: if the shapes do not fit.
        NotImplementedError: for `proj_size`.

    Reference: Hochreiter, Schmidhuber, "Long short-term memory", Neural Computation, 1997.

    Example:
        >>> import minitorch
        >>> lstm = minitorch.nn.LSTM(10, 20)
        >>> output, (h_n, c_n) = lstm(minitorch.randn(5, 3, 10))
        >>> output.shape, c_n.shape
        (minitorch.Size([5, 3, 20]), minitorch.Size([1, 3, 20]))
    """

    def __init__(
        self,
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
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            proj_size, device, dtype,
        )  # fmt: skip

    def _states(self, hx: Any) -> States:
        if not isinstance(hx, (tuple, list)) or len(hx) != 2:
            raise TypeError(f"LSTM: hx must be a pair of tensors (h_0, c_0), got {_shown(hx)}")
        h, c = hx
        return h, c

    def _hidden(self, states: States) -> Any:
        return states


def _shown(hx: Any) -> str:
    """Return what was given as the hidden state, for an error."""
    kind = type(hx).__name__
    return f"{kind} of {len(hx)}" if isinstance(hx, (tuple, list)) else kind
