"""Every differentiable operation, with inputs to try it on.

A case is an expression in the library ``m`` (minitorch here, torch in the comparisons) and in named
inputs. The same table serves the finite differences of `tests/minitorch/ops/test_gradients.py` and
the comparisons of `tests/parity/ops/test_ops.py`. Inputs are float64, or integers and bools, which
have no gradient.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np


def normal(*shape: int) -> Any:
    """Numbers of both signs, none near zero, where many functions have a kink."""
    return lambda rng: np.sign(v := rng.standard_normal(shape)) * (np.abs(v) + 0.1)


def positive(*shape: int) -> Any:
    """Numbers between 1/2 and 2."""
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def unit(*shape: int) -> Any:
    """Numbers between -0.9 and 0.9, none near zero."""
    return lambda rng: rng.uniform(0.05, 0.9, shape) * rng.choice([-1.0, 1.0], shape)


def distinct(*shape: int) -> Any:
    """Numbers that differ by at least 1/4, so that an order does not change under a small step."""
    return lambda rng: rng.permutation(int(np.prod(shape))).reshape(shape) * 0.25 - 1.1


def index(high: int, *shape: int) -> Any:
    """Integers from 0 up to `high`."""
    return lambda rng: rng.integers(0, high, shape)


def mask(*shape: int) -> Any:
    """Bools."""
    return lambda rng: rng.random(shape) < 0.5


def given(values: Any) -> Any:
    """These values."""
    return lambda rng: np.array(values)


@dataclass(frozen=True)
class Case:
    """An expression and what its names stand for."""

    text: str
    makers: dict[str, Any]

    def inputs(self) -> dict[str, np.ndarray]:
        """Return the inputs, the same every time."""
        rng = np.random.default_rng(zlib.crc32(self.text.encode()))
        return {name: np.asarray(make(rng)) for name, make in self.makers.items()}

    def run(self, library: Any, tensors: dict[str, Any]) -> list[Any]:
        """Return the outputs, as a list."""
        result = eval(self.text, {"m": library}, dict(tensors))
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def __str__(self) -> str:
        shapes = [f"{n}{list(a.shape)}" for n, a in self.inputs().items()]
        return f"{self.text} {' '.join(shapes)}"


def case(text: str, **makers: Any) -> Case:
    """Return a case."""
    return Case(text, makers)


def each(texts: str, **makers: Any) -> list[Case]:
    """Return a case for each line of `texts`, all with the same inputs."""
    return [Case(line.strip(), makers) for line in texts.strip().splitlines()]


POINTWISE = [
    case(f"m.{name}(x)", x=make(*shape))
    for make, names in (
        (normal, "abs atan cos cosh erf erfc exp exp2 expm1 neg sigmoid sin sinh square tanh relu"),
        (normal, "asinh sign floor ceil round trunc frac clone"),
        (positive, "log log2 log10 log1p sqrt rsqrt reciprocal tan"),
        (unit, "acos asin atanh erfinv"),
    )
    for name in names.split()
    for shape in ((), (3, 4), (0, 2))
]
POINTWISE += [
    *each(
        """
        m.acosh(x + 1)
        m.logit(x / 3)
        m.xlogy(x, x)
        x.pow(3)
        x**2
        x**-1.5
        x**0
        x**0.5
        x**1
        2.0**x
        m.float_power(x, 3)
        """,
        x=positive(2, 3),
    ),
    *each(
        """
        x**3
        x**4
        -x
        +x
        abs(x)
        2 - x
        2 / x
        3 * x + 1
        x / 2
        x - 1.5
        x.clamp(-0.5, 0.5)
        x.clamp(min=0.2)
        x.clamp(max=0.2)
        m.clamp_min(x, 0.2)
        m.clamp_max(x, 0.2)
        x.clip(-1, 1)
        m.nan_to_num(x)
        m.softmax(x, 0)
        m.softmax(x, dim=-1)
        m.log_softmax(x, 0)
        m.log_softmax(x, -1)
        x.softmax(-1)
        m.nn.functional.leaky_relu(x, 0.2)
        m.nn.functional.elu(x, 1.3)
        m.nn.functional.silu(x)
        m.nn.functional.softplus(x)
        m.nn.functional.softplus(x, 2.0, 1.0)
        m.nn.functional.gelu(x)
        m.nn.functional.gelu(x, approximate="tanh")
        x.remainder(0.7)
        x.fmod(0.7)
        x % 0.7
        m.add(x, 2, alpha=3)
        m.sub(x, 2, alpha=3)
        x.data * x
        x.detach() * x
        x.to(m.float64) * x
        x.contiguous() * 2
        m.positive(x)
        """,
        x=normal(3, 4),
    ),
    case("m.softmax(x, 0)", x=normal()),
    case("m.log_softmax(x, -1)", x=normal()),
    case("m.softmax(x, 1)", x=normal(2, 0)),
]

SHAPES = (((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (2, 3)), ((2, 0), (1, 1)))
BINARY = [
    case(text, x=make(*a), y=make(*b))
    for make, texts in (
        (
            normal,
            "x+y;x-y;x*y;m.add(x,y,alpha=2);m.sub(x,y,alpha=-.5);m.atan2(x,y);m.hypot(x,y);"
            "m.logaddexp(x,y);m.where(x>y,x,y);m.lerp(x,y,0.3);m.logaddexp2(x,y)",
        ),
        (
            positive,
            "x/y;x**y;m.true_divide(x,y);m.div(x,y,rounding_mode='floor');"
            "m.div(x,y,rounding_mode='trunc');x//y;x%y;m.fmod(x,y);m.remainder(x,y);m.xlogy(x,y)",
        ),
        (distinct, "m.maximum(x,y+.1);m.minimum(x,y+.1);m.fmax(x,y+.1);m.fmin(x,y+.1)"),
    )
    for text in texts.split(";")
    for a, b in SHAPES
]
BINARY += [
    case("m.addcmul(x, y, z, value=0.5)", x=normal(2, 3), y=normal(3), z=normal(2, 1)),
    case("m.addcdiv(x, y, z, value=0.5)", x=normal(2, 3), y=normal(3), z=positive(2, 1)),
    case("m.lerp(x, y, z)", x=normal(2, 3), y=normal(2, 3), z=normal(3)),
    case("m.where(c, x, y)", c=mask(2, 3), x=normal(2, 1), y=normal(3)),
    case("m.where(c, x, 2.0)", c=mask(2, 3), x=normal(3)),
    case("x.where(c, y)", c=mask(2, 3), x=normal(3), y=normal(2, 3)),
    case("x.masked_fill(c, -1.5)", c=mask(2, 3), x=normal(2, 3)),
    case("x.masked_fill(c, y)", c=mask(2, 3), x=normal(2, 3), y=normal()),
    case("x.masked_fill(c, 0.)", c=mask(3), x=normal(2, 3)),
    case("x.clamp(y, y + 1)", x=distinct(3, 4), y=given([-0.3, 0.13, 0.45, 0.93])),
    case("x.clamp(min=y)", x=distinct(3, 4), y=given([-0.3, 0.13, 0.45, 0.93])),
    case("m.heaviside(x, y)", x=normal(3), y=normal(3)),
]

REDUCTION = [
    case(f"x.{name}({arguments})", x=make(*shape))
    for make, name in (
        (normal, "sum"),
        (normal, "mean"),
        (normal, "var"),
        (normal, "std"),
        (normal, "logsumexp"),
        (normal, "norm"),
        (distinct, "amax"),
        (distinct, "amin"),
        (normal, "nansum"),
        (normal, "nanmean"),
    )
    for arguments, shape in (
        ("" if name not in ("logsumexp",) else "(0, 1)", (3, 4)),
        ("dim=0", (3, 4)),
        ("dim=-1, keepdim=True", (3, 4)),
        ("dim=(0, 2)", (2, 3, 4)),
        ("dim=(2, 1), keepdim=True", (2, 3, 4)),
        ("dim=1", (0, 3)),
    )
]
REDUCTION += [
    *each(
        """
        x.sum((0, -1))
        m.sum(x)
        x.mean()
        x.prod()
        x.prod(0)
        x.prod(dim=-1, keepdim=True)
        x.var(0, unbiased=False)
        x.var(unbiased=False)
        x.std(1, unbiased=True, keepdim=True)
        x.var(dim=0, correction=2)
        x.std(correction=0)
        m.var_mean(x, 1)
        m.std_mean(x, 1, keepdim=True)
        m.std_mean(x)
        x.cumsum(0)
        x.cumsum(-1)
        x.cumprod(0)
        x.cumprod(1)
        x.norm(1)
        x.norm(p=3, dim=1)
        x.norm(float("inf"), dim=0)
        x.norm(float("-inf"), dim=0)
        x.norm(0.5, 1)
        m.dist(x, 2 * x + 1)
        m.diff(x)
        m.diff(x, n=2, dim=0)
        x.trace()
        """,
        x=normal(3, 4),
    ),
    *each(
        """
        x.max()
        x.min()
        x.max(0)[0]
        x.max(dim=-1, keepdim=True)[0]
        x.min(1)[0]
        x.amax()
        x.amin((0, 1))
        x.sort()[0]
        x.sort(0, descending=True)[0]
        x.sort(dim=-1, descending=True)[0]
        x.topk(2)[0]
        x.topk(2, dim=0, largest=False)[0]
        x.median()
        x.median(1)[0]
        x.median(dim=0, keepdim=True)[0]
        x.kthvalue(2)[0]
        x.kthvalue(2, dim=0, keepdim=True)[0]
        x.quantile(0.3)
        x.quantile(0.3, dim=1)
        m.quantile(x, m.tensor([0.1, 0.5, 1.0], dtype=m.float64), dim=0, keepdim=True)
        m.aminmax(x)
        m.cummax(x, 0)[0]
        m.cummin(x, 1)[0]
        """,
        x=distinct(4, 5),
    ),
    *each(
        """
        x.sum()
        x.sum(0)
        x.sum(dim=-1, keepdim=True)
        x.mean(0)
        x.amax()
        x.max(0)[0]
        x.min(-1)[0]
        x.prod()
        x.cumsum(0)
        x.cumprod(0)
        x.logsumexp(0)
        x.norm()
        x.var(unbiased=False)
        x.sort()[0]
        """,
        x=normal(),
    ),
    case("x.prod(1)", x=given([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0]])),
    case("x.prod()", x=given([0.0, 2.0, 3.0])),
    case("x.cumprod(0)", x=given([2.0, 0.0, 3.0, 4.0])),
    case("x.amax(0)", x=given([1.0, 2.0, 2.0])),
    case("x.amin((0, 1))", x=given([[1.0, 2.0], [1.0, 1.0]])),
    case("x.max()", x=given([1.0, 2.0, 2.0])),
    case("x.sum()", x=normal(0, 3)),
    case("x.prod(0)", x=normal(0, 3)),
]

SHAPE = [
    *each(
        """
        x.reshape(6, 4)
        x.reshape(-1)
        x.reshape((4, -1, 2))
        x.view(2, 12)
        x.view(-1, 2)
        x.view_as(x)
        m.reshape(x, (2, 3, 4))
        x.permute(2, 0, 1)
        x.permute((1, -1, 0))
        m.permute(x, (2, 1, 0))
        x.transpose(0, 2)
        x.swapaxes(-1, 0)
        m.swapdims(x, 1, 2)
        x.mT
        x.movedim(0, 2)
        x.movedim((0, 1), (-1, 0))
        m.moveaxis(x, 2, 0)
        x.expand(5, 2, 3, 4)
        x.expand(-1, 3, -1)
        x.flatten()
        x.flatten(1)
        x.flatten(0, 1)
        x.ravel()
        x.unflatten(2, (2, 2))
        x.unflatten(-1, (2, -1))
        x.squeeze()
        x.unsqueeze(0)
        x.unsqueeze(-1)
        x.flip(0)
        x.flip(0, 2)
        x.flip((1, -1))
        m.fliplr(x)
        m.flipud(x)
        x.roll(1, 0)
        x.roll((1, -2), (0, 2))
        x.roll(3)
        x.repeat(2, 1, 3)
        x.repeat(2, 1, 1, 2)
        x.tile(2)
        x.tile((2, 1))
        x.repeat_interleave(2)
        x.repeat_interleave(3, dim=1)
        x.tril()
        x.triu(1)
        x.tril(-1)
        x.split(2, dim=2)
        x.split([1, 2], 1)
        m.split(x, 2, -1)
        x.chunk(2, 1)
        x.unbind()
        x.unbind(-1)
        m.tensor_split(x, 3, 2)
        m.tensor_split(x, (1, 3), dim=-1)
        list(x)
        m.cat([x, x * 2], 1)
        m.cat((x, x), dim=-1)
        m.concat([x, x])
        m.stack([x, x * x])
        m.stack([x, x], dim=-1)
        m.stack((x, x), 1)
        m.hstack([x, x])
        m.vstack([x, x])
        m.dstack([x, x])
        m.column_stack([x, x])
        x.diagonal()
        x.diagonal(1, 1, 2)
        x.diagonal(dim1=-1, dim2=0, offset=-1)
        x.narrow(2, 1, 2)
        x.select(1, 2)
        x.select(-1, -1)
        m.rot90(x)
        m.rot90(x, 2, (1, 2))
        m.broadcast_to(x, (2, 2, 3, 4))
        m.atleast_1d(x)
        x.unfold(2, 2, 1)
        x.unfold(1, 2, 1)
        """,
        x=normal(2, 3, 4),
    ),
    *each("x.t()\nx.T\nx.mT\nm.t(x)\nx.tril()\nx.diag()\nm.diag(x, 1)\nx.trace()", x=normal(3, 4)),
    *each("x.t()\nx.diag()\nm.diag(x, -1)\nm.diagflat(x)\nm.diag_embed(x)", x=normal(3)),
    *each("x.squeeze()\nx.squeeze(1)\nx.squeeze(0)\nx.squeeze((1, 3))", x=normal(2, 1, 3, 1)),
    *each(
        """
        x.reshape(1)
        x.reshape(())
        x.view(1, 1)
        x.expand(2, 3)
        x.flatten()
        x.squeeze()
        x.unsqueeze(0)
        x.permute(())
        x.transpose(0, -1)
        x.t()
        x[...]
        x[None]
        x.repeat(3)
        m.stack([x, x])
        m.atleast_2d(x)
        m.hstack([x, x])
        """,
        x=normal(),
    ),
    *each(
        "x.reshape(3, 0)\nx.flatten()\nx.t()\nx.expand(2, 0, 3)\nx.flip(0)\nm.cat([x, x])",
        x=normal(0, 3),
    ),
    case("m.broadcast_tensors(x, y)", x=normal(2, 1), y=normal(3)),
    case("m.cat([x, y, x], dim=1)", x=normal(2, 3), y=normal(2, 1)),
    case("m.meshgrid(x, y, indexing='ij')", x=normal(2), y=normal(3)),
    case("m.meshgrid(x, y, indexing='xy')", x=normal(2), y=normal(3)),
    case("m.block_diag(x, y)", x=normal(2, 3), y=normal(1, 2)),
]

INDEXING = [
    *each(
        """
        x[1]
        x[-1]
        x[1, 2]
        x[:, 1]
        x[..., 0]
        x[:, None]
        x[1:]
        x[::2, 1:3]
        x[:, :, -2:]
        x[1:1]
        x[[0, 2]]
        x[[0, 2, 0]]
        x[:, [1, 1]]
        x[[0, 1], [1, 2]]
        x[[0, 1], :, [1, 2]]
        x[..., [0, 0]]
        x[m.tensor([0, 2, 2])]
        x[m.tensor(1)]
        x[:, m.tensor([[0, 1], [1, 1]])]
        x[m.tensor([True, False, True, False])]
        x[x > 0]
        x[:, m.tensor([True, False, True])]
        x[None, 1, ..., None]
        x[True]
        x[()]
        x.index_select(1, m.tensor([0, 2, 2]))
        x.masked_select(x > 0)
        x.take(m.tensor([0, 5, 5]))
        x.argsort(1).to(m.float64) + x
        """,
        x=normal(4, 3, 5),
    ),
    case("x[i]", x=normal(4, 3), i=index(4, 2, 3)),
    case("x[i, j]", x=normal(4, 3), i=index(4, 2, 1), j=index(3, 5)),
    case("x[i, 1:]", x=normal(4, 3), i=index(4, 5)),
    case("x[c]", x=normal(4, 3), c=mask(4, 3)),
    case("x[c]", x=normal(4, 3), c=mask(4)),
    case("x.masked_select(c)", x=normal(3), c=mask(4, 3)),
    case("x.masked_scatter(c, y)", x=normal(3, 4), c=mask(3, 4), y=normal(12)),
    case("x.gather(1, i)", x=normal(4, 3), i=index(3, 2, 5)),
    case("x.gather(0, i)", x=normal(4, 3), i=index(4, 5, 2)),
    case("m.take_along_dim(x, i, 1)", x=normal(4, 3), i=index(3, 4, 2)),
    case("x.scatter_add(1, i, y)", x=normal(4, 3), i=index(3, 2, 5), y=normal(4, 6)),
    case("x.scatter_add(0, i, y)", x=normal(4, 3), i=index(4, 5, 2), y=normal(5, 2)),
    case("x.scatter(1, i, 2.5)", x=normal(4, 3), i=index(3, 2, 2)),
    case("x.scatter(0, i, y)", x=normal(4, 3), i=given([[0, 1], [2, 3]]), y=normal(3, 3)),
    case("x.index_add(0, i, y)", x=normal(4, 3), i=index(4, 5), y=normal(5, 3)),
    case("x.index_add(1, i, y, alpha=2)", x=normal(4, 3), i=index(3, 5), y=normal(4, 5)),
    case("x.index_copy(0, i, y)", x=normal(4, 3), i=given([2, 0]), y=normal(2, 3)),
    case("x.index_fill(1, i, 2.5)", x=normal(4, 3), i=index(3, 2)),
    case("x.index_put((i, j), y)", x=normal(4, 3), i=given([0, 2]), j=given([1, 1]), y=normal(2)),
    case("x.index_put((i,), y, accumulate=True)", x=normal(4, 3), i=index(4, 6), y=normal(3)),
    case("m.nn.functional.embedding(i, x)", x=normal(4, 3), i=index(4, 2, 5)),
]

LINALG = [
    case("x @ y", x=normal(*a), y=normal(*b))
    for a, b in (
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((2, 1, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
    )
]
LINALG += [
    case("m.mm(x, y)", x=normal(2, 3), y=normal(3, 4)),
    case("m.bmm(x, y)", x=normal(5, 2, 3), y=normal(5, 3, 4)),
    case("m.mv(x, y)", x=normal(2, 3), y=normal(3)),
    case("m.dot(x, y)", x=normal(3), y=normal(3)),
    case("x.outer(y)", x=normal(2), y=normal(3)),
    case("m.inner(x, y)", x=normal(2, 3), y=normal(4, 3)),
    case("m.inner(x, y)", x=normal(3), y=normal(3)),
    case("m.addmm(x, y, z, beta=.5, alpha=2)", x=normal(4), y=normal(2, 3), z=normal(3, 4)),
    case("m.addmv(x, y, z, beta=.5, alpha=2)", x=normal(2), y=normal(2, 3), z=normal(3)),
    case("m.addr(x, y, z, beta=.5, alpha=2)", x=normal(2, 3), y=normal(2), z=normal(3)),
    case("m.baddbmm(x, y, z, beta=2)", x=normal(2, 4), y=normal(5, 2, 3), z=normal(5, 3, 4)),
    case("m.nn.functional.linear(x, y, z)", x=normal(5, 3), y=normal(4, 3), z=normal(4)),
    case("m.nn.functional.linear(x, y)", x=normal(2, 5, 3), y=normal(4, 3)),
    case("m.nn.functional.linear(x, y, z)", x=normal(3), y=normal(4, 3), z=normal(4)),
    case("m.einsum('ij,jk->ik', x, y)", x=normal(2, 3), y=normal(3, 4)),
    case("m.einsum('bij,bjk->bik', x, y)", x=normal(2, 3, 4), y=normal(2, 4, 2)),
    case("m.einsum('ij,kj', x, y)", x=normal(2, 3), y=normal(4, 3)),
    case("m.einsum('i,j,k->kij', x, y, z)", x=normal(2), y=normal(3), z=normal(2)),
    case("m.einsum('ij->ji', x)", x=normal(2, 3)),
    case("m.einsum('ij->', x)", x=normal(2, 3)),
    case("m.einsum('ij->i', x)", x=normal(2, 3)),
    case("m.einsum('ij,ij->', x, y)", x=normal(2, 3), y=normal(2, 3)),
    case("m.einsum('...ij,...jk->...ik', x, y)", x=normal(2, 3, 4), y=normal(4, 2)),
    case("m.einsum('ii->i', x)", x=normal(3, 3)),
    case("m.einsum('ii', x)", x=normal(3, 3)),
    case("m.tensordot(x, y, 2)", x=normal(2, 3, 4), y=normal(3, 4, 2)),
    case("m.tensordot(x, y, dims=([1], [0]))", x=normal(2, 3, 4), y=normal(3, 2)),
    case("m.kron(x, y)", x=normal(2, 3), y=normal(3, 2)),
    case("m.cdist(x, y)", x=normal(3, 2), y=normal(4, 2)),
    case("m.cdist(x, y, p=1.0)", x=normal(2, 3, 2), y=normal(2, 4, 2)),
    case("m.cross(x, y, dim=1)", x=normal(2, 3), y=normal(2, 3)),
]

INPLACE = [
    case(f"(z := x.clone(), {text}, z)[-1]", x=positive(3, 4), y=positive(4))
    for text in (
        "z.add_(y); z.sub_(y, alpha=2); z.mul_(y); z.div_(y); z.pow_(2); z.copy_(y); z.fill_(2.0); "
        "z.zero_(); z.clamp_(0.7, 1.5); z.clamp_min_(0.7); z.exp_(); z.log_(); z.sqrt_(); "
        "z.neg_(); z.tanh_(); z.sigmoid_(); z.relu_(); z.lerp_(y, 0.3); z.addcmul_(y, y); "
        "z.masked_fill_(z > 1, 3.0); z.__setitem__(0, y); z.__setitem__((slice(None), 1), 2.0); "
        "z.__setitem__((slice(None), 1), y[0]); z.__setitem__(z > 1, y[2]); "
        "z.__setitem__([0, 2], y); z[0].mul_(y); z[:, 1].copy_(y[:3]); z.t()[1].add_(y[:3]); "
        "z.view(-1)[3:7].mul_(y); z.index_fill_(0, m.tensor([1]), 2.0); "
        "z.index_add_(0, m.tensor([1, 1]), x[:2]); z.scatter_(1, m.tensor([[0], [1]]), 5.0); "
        "z.scatter_add_(1, m.tensor([[0], [1]]), x); z.index_copy_(0, m.tensor([1]), x[:1]); "
        "z.masked_scatter_(z > 1, x); z.index_put_((m.tensor([1]),), y); z.fill_(y[0]); "
        "z.diagonal().mul_(2)"
    ).split("; ")
]

NORMALIZATION = [
    case(f"m.nn.functional.{text}", x=normal(2, 4, 3, 5), w=normal(4), b=normal(4), v=positive(4))
    for text in (
        "batch_norm(x, None, None, w, b, True)",
        "batch_norm(x, None, None, training=True, eps=0.1)",
        "batch_norm(x, b.detach(), v.detach(), w, b)",
        "batch_norm(x, b.detach(), v.detach())",
        "group_norm(x, 2, w, b)",
        "group_norm(x, 4, eps=0.1)",
        "instance_norm(x, weight=w, bias=b)",
    )
]
NORMALIZATION += [
    case(f"m.nn.functional.{text}", x=normal(3, 2, 4), w=normal(2, 4), v=normal(4))
    for text in (
        "layer_norm(x, (2, 4), w, w)",
        "layer_norm(x, (4,), v)",
        "rms_norm(x, (2, 4), w)",
        "rms_norm(x, (4,), eps=0.1)",
    )
]

CASES = POINTWISE + BINARY + REDUCTION + SHAPE + INDEXING + LINALG + INPLACE + NORMALIZATION
