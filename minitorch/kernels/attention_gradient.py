"""The gradient of attention, by kernels: the probabilities are computed again, piece by piece."""

from __future__ import annotations

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.attention import Attention, Kept, transposed_product, with_rows


def attention_gradients(
    call: Attention,
    g: np.ndarray,
    out: np.ndarray,
    residual: Kept,
    into: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Compute the gradients of queries, keys and values.

    Args:
        call: the inputs.
        g: the gradient of the output, ``(B, H, L, V)``.
        out: the output.
        residual: what the forward returned beside it.
        into: three arrays of the shapes of the inputs, to be written.
    """
    g = with_rows(g)

    def work(start: int, stop: int, part: int) -> None:  # noqa: ARG001 - no sums over parts
        for number in range(start, stop):
            for block in reversed(call.cut.blocks):
                _gradient_of_block(call, number, block, g, out, residual, into)

    call.share(work)
    if not call.cut.groups:
        for gradient in into:
            gradient[...] = 0


def _gradient_of_block(
    call: Attention,
    number: int,
    block: slice,
    g: np.ndarray,
    out: np.ndarray,
    residual: Kept,
    into: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Write the gradient of a block of queries, and add its part to those of keys and values."""
    group = call.cut.groups[number]
    q = call.scaled_queries(group, block)
    x = call.scores(q, group, block)  # (s, b, h, l)
    p = x.reshape(len(x), -1)  # (s, b h l)
    p -= residual.lse[*group, block].reshape(-1)
    np.exp(p, out=p)
    g = g[*group, block]
    inner = np.vecdot(g, out[*group, block]).reshape(-1)  # sum of p dp over the keys, (b h l,)
    y = parallel.scratch("attention gradient", x.shape, x.dtype)
    dp = y.reshape(p.shape)
    keep = residual.keep
    kept = None if keep is None else call.kept(keep, number, block)
    if kept is None:
        dropped = x
    else:
        scaled = parallel.scratch("attention output gradient", g.shape, g.dtype)
        g = np.multiply(g, g.dtype.type(residual.gain), out=scaled)
        np.multiply(p, kept, out=dp)
        dropped = y
    first = block is call.cut.blocks[-1]
    dq, dk, dv = into
    _add_product(dropped.transpose(1, 2, 0, 3), g, dv[*group], first)
    transposed_product(call.v[*group, : len(x)], g, y)  # the gradient of p
    if kept is not None:
        np.multiply(dp, kept, out=dp)
    dp -= inner
    dp *= p
    _add_product(y.transpose(1, 2, 0, 3), q, dk[*group], first)
    queries = dq[*group, block]
    np.matmul(y.transpose(1, 2, 3, 0), call.k[*group, : len(x)], out=queries)
    queries *= call.scale


def _add_product(x: np.ndarray, y: np.ndarray, out: np.ndarray, first: bool) -> None:
    """Add ``x @ y`` to the first keys of `out`, or if `first` write it there, and 0 to the rest."""
    seen = x.shape[2]
    if first:
        np.matmul(x, y, out=out[:, :, :seen])
        out[:, :, seen:] = 0
        return
    product = parallel.scratch("attention product", (*x.shape[:3], y.shape[-1]), y.dtype)
    np.matmul(x, y, out=product)
    out[:, :, :seen] += product
