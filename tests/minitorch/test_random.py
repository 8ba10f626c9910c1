"""Generators and what is drawn from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.random import Generator

DRAWS = {
    "rand": lambda g: minitorch.rand(50, generator=g),
    "randn": lambda g: minitorch.randn(50, generator=g),
    "randint": lambda g: minitorch.randint(100, (50,), generator=g),
    "randperm": lambda g: minitorch.randperm(50, generator=g),
    "normal": lambda g: minitorch.normal(0.0, 1.0, (50,), generator=g),
    "bernoulli": lambda g: minitorch.bernoulli(minitorch.full((50,), 0.5), generator=g),
    "multinomial": lambda g: minitorch.multinomial(minitorch.ones(50), 20, generator=g),
    "uniform_": lambda g: minitorch.zeros(50).uniform_(generator=g),
    "normal_": lambda g: minitorch.zeros(50).normal_(generator=g),
    "random_": lambda g: minitorch.zeros(50).random_(0, 100, generator=g),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_seed_and_a_state_repeat_the_numbers(draw: Any) -> None:
    generator = Generator().manual_seed(7)
    first = draw(generator)
    state = generator.get_state()
    second = draw(generator)
    assert not minitorch.equal(first, second)
    assert minitorch.equal(draw(Generator().manual_seed(7)), first)
    assert minitorch.equal(draw(Generator().set_state(state)), second)


def test_the_default_generator() -> None:
    minitorch.manual_seed(3)
    assert minitorch.initial_seed() == 3
    first = minitorch.rand(3)
    state = minitorch.get_rng_state()
    second = minitorch.rand(3)
    minitorch.set_rng_state(state)
    assert minitorch.equal(minitorch.rand(3), second)
    minitorch.manual_seed(3)
    assert minitorch.equal(minitorch.rand(3), first)
    assert minitorch.seed() == minitorch.initial_seed() != 3


@pytest.mark.parametrize("seed", [0, -1, 2**63, 2**64 - 1])
def test_any_seed_survives_in_the_state(seed: int) -> None:
    generator = Generator().manual_seed(seed)
    assert Generator().set_state(generator.get_state()).get_state().tolist() == (
        generator.get_state().tolist()
    )


def test_a_state_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(RuntimeError, match="RNG state must be a uint8 tensor of 56 elements"):
        Generator().set_state(minitorch.zeros(56))


def test_distributions() -> None:
    generator = Generator().manual_seed(0)
    n = 100_000
    uniform = minitorch.rand(n, generator=generator)
    assert 0 <= float(uniform.min()) < 1e-3
    assert 1 - 1e-3 < float(uniform.max()) < 1
    assert float(uniform.mean()) == pytest.approx(0.5, abs=0.01)
    normal = minitorch.normal(minitorch.full((n,), 2.0), 3.0, generator=generator)
    assert float(normal.mean()) == pytest.approx(2, abs=0.05)
    assert float(normal.std()) == pytest.approx(3, abs=0.05)
    whole = minitorch.randint(2, 5, (n,), generator=generator)
    assert minitorch.bincount(whole).tolist()[:2] == [0, 0]
    np.testing.assert_allclose(minitorch.bincount(whole).numpy()[2:] / n, 1 / 3, atol=0.01)
    assert sorted(minitorch.randperm(9, generator=generator).tolist()) == list(range(9))


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial_follows_the_weights(replacement: bool) -> None:
    weights = minitorch.tensor([1.0, 0.0, 3.0]).expand(20_000, 3)
    drawn = minitorch.multinomial(weights, 1, replacement)
    counts = minitorch.bincount(drawn.reshape(-1), minlength=3).numpy()
    np.testing.assert_allclose(counts / 20_000, [0.25, 0, 0.75], atol=0.015)
    if not replacement:
        both = minitorch.multinomial(weights[:100], 2)
        assert (both.sort(1)[0] == minitorch.tensor([0, 2])).all()


@pytest.mark.parametrize("dtype", [minitorch.float16, minitorch.float32, minitorch.float64])
def test_dtypes(dtype: Any) -> None:
    assert minitorch.rand(2, dtype=dtype).dtype is dtype
    assert minitorch.randn(2, dtype=dtype).dtype is dtype
    assert minitorch.rand_like(minitorch.zeros(2, dtype=dtype)).dtype is dtype
    assert minitorch.zeros(2, dtype=dtype).normal_().dtype is dtype


@pytest.mark.parametrize(
    ("dtype", "top"),
    [("float16", 2**11), ("float32", 2**24), ("float64", 2**53), ("bool", 1), ("uint8", 255)]
    + [(f"int{bits}", 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)],
)
def test_whole_numbers_fill_the_range_of_a_dtype(dtype: str, top: int) -> None:
    x = minitorch.zeros(20_000, dtype=getattr(minitorch, dtype)).random_()
    values = [int(v) for v in x.tolist()]
    assert 0 <= min(values) <= top / 100
    assert top - top / 100 <= max(values) <= top


def test_float16_stays_below_the_end() -> None:
    generator = Generator().manual_seed(0)
    half = minitorch.float16
    assert float(minitorch.rand(100_000, dtype=half, generator=generator).max()) < 1
    for a, b in ((0, 1), (1, 2), (-1, 0), (-3, 0.1), (2, 2)):
        x = minitorch.zeros(100_000, dtype=half).uniform_(a, b, generator=generator)
        assert a <= float(x.min()) <= float(x.max()) < b or a == b == float(x.max())


def test_numbers_in_float32_do_not_change() -> None:
    """NumPy's generator of the same seed: the receipts of the zoo rest on these numbers."""

    def theirs() -> np.random.Generator:
        return np.random.Generator(np.random.SFC64(5))

    def ours() -> Generator:
        return Generator().manual_seed(5)

    uniform, normal = theirs().random(9, np.float32), theirs().standard_normal(9, np.float32)
    whole, chance = theirs().integers(3, 100, 9), theirs().random(9)
    x = minitorch.zeros(9)
    for drawn, expected in (
        (minitorch.rand(9, generator=ours()), uniform),
        (minitorch.rand_like(x, generator=ours()), uniform),
        (minitorch.randn(9, generator=ours()), normal),
        (minitorch.randn_like(x, generator=ours()), normal),
        (minitorch.normal(2.0, 3.0, (9,), generator=ours()), normal * 3.0 + 2.0),
        (minitorch.normal(x + 2.0, 3.0, generator=ours()), normal * 3.0 + 2.0),
        (minitorch.randint(3, 100, (9,), generator=ours()), whole),
        (minitorch.bernoulli(x + 0.5, generator=ours()), chance < 0.5),
        (minitorch.randperm(9, generator=ours()), theirs().permutation(9)),
        (x.clone().uniform_(-0.3, 0.7, generator=ours()), uniform * (0.7 - -0.3) + -0.3),
        (x.clone().normal_(2.0, 3.0, generator=ours()), normal * 3.0 + 2.0),
        (x.clone().random_(3, 100, generator=ours()), whole),
        (x.clone().random_(generator=ours()), theirs().integers(0, 2**24, 9)),
        (x.clone().bernoulli_(0.3, generator=ours()), chance < 0.3),
    ):
        assert drawn.tolist() == expected.tolist()
