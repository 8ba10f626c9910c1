"""Attention over many heads, without ever holding all of its probabilities.

Scores are computed for a few heads at a time, so few that they stay in the cache, and transposed:
keys along the first axis, the queries of all those heads side by side along the second. The sweeps
of the softmax then run over long rows. What is kept for the gradient is one number for each query,
the logarithm of its sum of exponentials, from which the probabilities are computed again.

Shapes: B batch, H heads, L queries, S keys, D the size of both, V the size of a value; b, h, l and
s are those of one piece.

Reference: Dao et al., "FlashAttention: fast and memory-efficient exact attention with
IO-awareness", 2022.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minitorch.kernels import parallel
from minitorch.kernels.broadcast import ones

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 96 * 1024  # scores computed at once: 384 KB of float32
_WORTH_A_THREAD = 256 * 1024  # scores, and as many at once where threads share them
_FEW = 48 * 1024  # scores that are sooner computed at once


class Cut(NamedTuple):
    """How the work is cut: into groups of heads, and these into blocks of queries.

    Threads share the groups; the gradients of keys and values are sums over the blocks of a group.

    Attributes:
        groups: of the batch and of the heads; none if there is nothing to attend.
        blocks: of the queries.
        starts: where each group begins in an array of all probabilities, and where the last ends.
        least: how many groups are worth a thread.
    """

    groups: list[tuple[slice, slice]]
    blocks: list[slice]
    starts: list[int]
    least: int


def cut(batch: int, heads: int, queries: int, keys: int) -> Cut:
    """Return how attention of this size is cut for the present number of threads."""
    if 0 in (batch, heads, queries, keys):
        return Cut([], [], [0], 1)
    head = queries * keys
    threads = parallel.count(batch * heads * head, _WORTH_A_THREAD)
    piece = max(_PIECE, _WORTH_A_THREAD) if threads > 1 else _PIECE
    n_batch = max(1, piece // (head * heads))
    n_heads = min(heads, max(1, piece // head))
    if n_batch > 1:  # as many groups for one thread as for another
        rounds = -(-batch // (n_batch * threads))
        n_batch = -(-batch // (rounds * threads))
    groups = list(product(_slices(batch, n_batch), _slices(heads, n_heads)))
    sizes = [(b.stop - b.start) * (h.stop - h.start) * head for b, h in groups]
    least = -(-_WORTH_A_THREAD // (head * n_batch * n_heads))
    return Cut(groups, _slices(queries, max(1, piece // keys)), [0, *accumulate(sizes)], least)


def _slices(total: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, total)) for start in range(0, total, size)]


class Attention:
    """One call of attention: its inputs, its masks, and how the work is cut.

    Args:
        q: queries, ``(B, H, L, D)``, in any memory order, as are the others.
        k: keys, ``(B, H, S, D)``.
        v: values, ``(B, H, S, V)``.
        scale: what the products of queries and keys are multiplied by.
        mask: what is then added, ``(B or 1, H or 1, L or 1, S or 1)``, or None.
        causal: whether a query sees only the keys up to its own place.
        work: how the work was cut when the same call was made before; None to cut it now.
    """

    def __init__(
        self,
        q: np.ndarray,
        k: np.ndarray,
        v: np.ndarray,
        scale: float,
        mask: np.ndarray | None = None,
        causal: bool = False,
        work: Cut | None = None,
    ) -> None:
        self.q, self.k, self.v = q, with_rows(k), with_rows(v)
        self.scale = q.dtype.type(scale)
        self.mask = None if mask is None else mask.transpose(3, 0, 1, 2)  # (S, B, H, L)
        self.causal = causal
        self.work = work

    @property
    def cut(self) -> Cut:
        """How the work is cut, which is decided when it is first asked for."""
        if self.work is None:
            batch, heads, queries, _ = self.q.shape
            self.work = cut(batch, heads, queries, self.k.shape[2])
        return self.work

    def share(self, work: Callable[[int, int, int], None]) -> None:
        """Call ``work(start, stop, part)`` with groups that together are all, on all threads.

        NumPy is told how long the rows of scores are: it copies shorter rows than it expects into
        buffers when a vector is subtracted from each.
        """
        if not self.cut.groups:
            return
        batch, heads = self.cut.groups[0]
        block = self.cut.blocks[0]
        row = batch.stop * heads.stop * block.stop

        def own(start: int, stop: int, part: int) -> None:
            with np.errstate():  # which restores the size afterwards
                np.setbufsize(min(8192, max(16, row // 16 * 16)))
                work(start, stop, part)

        parallel.split(own, len(self.cut.groups), self.cut.least)

    def plain(self) -> bool:
        """Return whether every query sees every key, and there is little to compute."""
        sizes = self.q.shape[0] * self.q.shape[1] * self.k.shape[2]
        return self.mask is None and not self.causal and 0 < sizes <= _FEW

    def seen(self, block: slice) -> int:
        """Return how many keys, from the first, a query of the block may see."""
        keys = self.k.shape[2]
        return min(keys, block.stop) if self.causal else keys

    def kept(self, keep: np.ndarray, number: int, block: slice) -> np.ndarray:
        """Return the part of `keep` that belongs to a block of group `number`, ``(s, b h l)``."""
        start, stop = self.cut.starts[number : number + 2]
        width = (stop - start) // max(1, self.q.shape[2] * self.k.shape[2])  # b h
        columns = width * (block.stop - block.start)
        first = start + width * block.start * self.k.shape[2]
        return keep[first : first + self.seen(block) * columns].reshape(-1, columns)

    def scaled_queries(self, group: tuple[slice, slice], block: slice) -> np.ndarray:
        """Return ``scale * q`` in scratch memory, ``(b, h, l, D)``."""
        q = self.q[*group, block]
        out = parallel.scratch("attention queries", q.shape, q.dtype)
        return np.multiply(q, self.scale, out=out)

    def scores(self, q: np.ndarray, group: tuple[slice, slice], block: slice) -> np.ndarray:
        """Return the masked scores of scaled queries in scratch memory, ``(s, b, h, l)``."""
        b, h, n, _ = q.shape
        seen = self.seen(block)
        scores = parallel.scratch("attention scores", (seen, b, h, n), q.dtype)
        transposed_product(self.k[*group, :seen], q, scores)
        if self.mask is not None:
            places = (slice(0, seen), *group, block)
            sizes = self.mask.shape
            scores += self.mask[
                tuple(p if n > 1 else slice(None) for p, n in zip(places, sizes, strict=True))
            ]
        if self.causal and block.start < seen - 1:
            scores += _future(seen, block.start, block.stop, q.dtype)[:, None, None, :]
        return scores


def transposed_product(x: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """Write ``x @ y.T`` of each head, ``(b, h, s, d), (b, h, l, d) -> (s, b, h, l)``, to `out`."""
    np.matmul(x, y.swapaxes(-1, -2), out=out.transpose(1, 2, 0, 3))


@lru_cache(maxsize=8)
def _future(seen: int, start: int, stop: int, dtype: Any) -> np.ndarray:
    """Return minus infinity where the key comes after the query, else 0, ``(s, l)``."""
    later = np.arange(seen)[:, None] > np.arange(start, stop)
    return np.where(later, -np.inf, 0).astype(dtype)


def with_rows(x: np.ndarray) -> np.ndarray:
    """Return `x`, copied unless the elements of a row are neighbours, as fast products need."""
    step = x.itemsize
    if x.strides[-1] == step and x.strides[-2] >= step * x.shape[-1]:
        return x
    return np.ascontiguousarray(x)


def empty_output(q: np.ndarray, size: int) -> np.ndarray:
    """Return an uninitialised ``(B, H, L, size)`` array with the memory order of the queries."""
    shape = (*q.shape[:-1], size)
    if 0 in q.strides[:-1]:
        return np.empty(shape, q.dtype)
    return np.empty_like(np.broadcast_to(q[..., :1], shape), subok=False)


class Kept(NamedTuple):
    """What the gradient needs besides inputs and output.

    Attributes:
        lse: the logarithm of the sum of exponentials, infinite if every key is hidden,
            ``(B, H, L)``.
        keep: with dropout, which probabilities are kept, in the order of `Attention.kept`; or None.
        gain: what those that are kept are multiplied by.
    """

    lse: np.ndarray
    keep: np.ndarray | None
    gain: float


def attend(
    call: Attention, p: float = 0.0, generator: np.random.Generator | None = None
) -> tuple[np.ndarray, Kept]:
    """Return ``softmax(scale * q @ k.T + mask) @ v``, ``(B, H, L, V)``, in the order of `q`.

    A query that sees no key gets zeros.

    Args:
        call: the inputs.
        p: the probability with which dropout sets a probability to 0, to a multiple of 2^-16.
        generator: where dropout's randomness comes from.
    """
    if call.q.shape[2] == 1 and not p and call.plain():
        return _attend_once(call)
    out = empty_output(call.q, call.v.shape[-1])
    lse = np.empty(call.q.shape[:-1], call.q.dtype)
    threshold = round(p * 65536)
    keep, gain, streams = None, 1.0, []
    if threshold and generator is not None:
        gain = 65536 / (65536 - threshold) if threshold < 65536 else 0.0
        keep = np.empty(call.cut.starts[-1], bool)
        parts = parallel.count(len(call.cut.groups), call.cut.least)
        bits: Any = generator.bit_generator
        streams = [np.random.SFC64(int(seed)) for seed in bits.random_raw(parts)]

    def work(start: int, stop: int, part: int) -> None:
        for number in range(start, stop):
            group = call.cut.groups[number]
            for block in call.cut.blocks:
                x = call.scores(call.scaled_queries(group, block), group, block)
                flat = x.reshape(len(x), -1)  # (s, b h l)
                total = _exponentials(flat, lse[*group, block], hidden=call.mask is not None)
                flat *= gain / total
                if keep is not None:
                    chosen = call.kept(keep, number, block)
                    _draw(chosen, streams[part], threshold)
                    np.multiply(flat, chosen, out=flat)
                values = call.v[*group, : len(x)]
                np.matmul(x.transpose(1, 2, 3, 0), values, out=out[*group, block])

    call.share(work)
    if not call.cut.groups:
        out[...] = 0
    return out, Kept(lse, keep, gain)


def _attend_once(call: Attention) -> tuple[np.ndarray, Kept]:
    """Attend with one query in each head and no mask, as when a text is written, in few calls."""
    x = np.matmul(call.q * call.scale, call.k.swapaxes(-1, -2))  # (B, H, 1, S)
    top = np.maximum.reduce(x, axis=-1, keepdims=True)
    x -= top
    np.exp(x, out=x)
    total = np.matmul(x, ones(x.shape[-1], x.dtype))  # (B, H, 1)
    out = np.matmul(x, call.v)
    out /= total[..., None]
    lse = np.log(total)
    lse += top[..., 0]
    return out, Kept(lse, None, 1.0)


def _exponentials(x: np.ndarray, lse: np.ndarray, hidden: bool) -> np.ndarray:
    """Turn scores into exponentials, in place, and return the sums of the columns.

    Args:
        x: ``(s, b h l)``.
        lse: where the logarithms of the sums go, ``(b, h, l)``.
        hidden: whether a column may be minus infinity throughout; its sum is then infinite.
    """
    top = np.maximum.reduce(x, axis=0, initial=np.finfo(x.dtype).min)
    x -= top
    np.exp(x, out=x)
    total = np.dot(ones(len(x), x.dtype), x)
    if hidden or len(x) == 0:
        total[total == 0] = np.inf
    top += np.log(total)
    lse[...] = top.reshape(lse.shape)
    return total


def _draw(keep: np.ndarray, stream: Any, threshold: int) -> None:
    """Fill `keep` with True, each with probability ``1 - threshold / 65536``."""
    if threshold >= 65536:
        keep[...] = False
        return
    words = stream.random_raw((keep.size + 3) // 4)
    bits = words.view(np.uint16)[: keep.size].reshape(keep.shape)
    np.greater_equal(bits, threshold, out=keep)


def dropout_factors(call: Attention, residual: Kept) -> np.ndarray:
    """Return what dropout multiplied the probabilities by, 0 or its gain, ``(B, H, L, S)``."""
    factors = np.zeros((*call.q.shape[:-1], call.k.shape[2]), call.q.dtype)
    assert residual.keep is not None
    for number, group in enumerate(call.cut.groups):
        for block in call.cut.blocks:
            seen = call.seen(block)
            part = factors[*group, block, :seen].transpose(3, 0, 1, 2)
            part[...] = call.kept(residual.keep, number, block).reshape(part.shape)
    factors *= residual.gain
    return factors
