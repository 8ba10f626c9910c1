"""Pooling, padding, resizing and bags of embeddings: derivatives, and facts about behaviour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.nn import functional as F

RNG = np.random.default_rng(0)


def distinct(*shape: int) -> Any:
    """Numbers that differ by at least 1/4: a small step does not change which is the largest."""
    x = RNG.permutation(int(np.prod(shape))).reshape(shape) * 0.25
    return minitorch.tensor(x, requires_grad=True)


IMAGE, SIGNAL = distinct(2, 2, 5, 4), distinct(2, 2, 6)
WORDS, OFFSETS = minitorch.tensor([0, 2, 2, 1]), minitorch.tensor([0, 1, 1])
PLACES = minitorch.tensor(RNG.uniform(-1.3, 1.3, (2, 3, 4, 2)))
FUNCTIONS = {
    "max_pool2d": (lambda x: F.max_pool2d(x, 3, 2, 1), IMAGE),
    "max_pool2d, indices": (lambda x: F.max_pool2d(x, 2, return_indices=True)[0], IMAGE),
    "max_pool1d": (lambda x: F.max_pool1d(x, 2, 1, dilation=2), SIGNAL),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), IMAGE),
    "avg_pool1d": (lambda x: F.avg_pool1d(x, 2), SIGNAL),
    "mean of all": (lambda x: F.adaptive_avg_pool2d(x, 1), IMAGE),
    "adaptive_avg_pool2d": (lambda x: F.adaptive_avg_pool2d(x, (2, 3)), IMAGE),
    "adaptive_max_pool2d": (lambda x: F.adaptive_max_pool2d(x, (2, 3)), IMAGE),
    "max_unpool2d": (
        lambda x: F.max_unpool2d(x, F.max_pool2d(IMAGE, 2, return_indices=True)[1], 2),
        distinct(2, 2, 2, 2),
    ),
    "pad": (lambda x: F.pad(x, (1, -1, 2, 0), value=3.0), IMAGE),
    "pad, reflect": (lambda x: F.pad(x, (1, 2, 2, 0), "reflect"), IMAGE),
    "pad, replicate": (lambda x: F.pad(x, (1, 2, -1, 0), "replicate"), IMAGE),
    "pad, circular": (lambda x: F.pad(x, (1, 2, 2, 0), "circular"), IMAGE),
    "interpolate": (lambda x: F.interpolate(x, scale_factor=2.3), IMAGE),
    "interpolate, bilinear": (lambda x: F.interpolate(x, (3, 7), mode="bilinear"), IMAGE),
    "interpolate, bicubic": (lambda x: F.interpolate(x, (3, 7), mode="bicubic"), IMAGE),
    "lp_pool2d": (lambda x: F.lp_pool2d(x + 1, 3, 2), IMAGE),
    "local_response_norm": (lambda x: F.local_response_norm(x, 2, 0.1), IMAGE),
    "grid_sample": (lambda x: F.grid_sample(x, PLACES, align_corners=False), IMAGE),
    "grid_sample, nearest": (
        lambda x: F.grid_sample(x, PLACES, "nearest", "border", align_corners=True), IMAGE,
    ),
    "grid_sample, places": (
        lambda g: F.grid_sample(IMAGE.detach(), g, padding_mode="reflection", align_corners=True),
        PLACES.detach().requires_grad_(),
    ),
    "affine_grid": (lambda t: F.affine_grid(t, (2, 1, 3, 2), True), distinct(2, 2, 3)),
    "unfold": (lambda x: F.unfold(x, 2, padding=1, stride=2), IMAGE),
    "fold": (lambda x: F.fold(x, (3, 3), 2, stride=1), distinct(1, 8, 4)),
    "pixel_shuffle": (lambda x: F.pixel_shuffle(x, 2), distinct(1, 4, 2, 2)),
    "embedding_bag": (lambda w: F.embedding_bag(WORDS, w, OFFSETS), distinct(3, 2)),
    "embedding_bag, max": (
        lambda w: F.embedding_bag(WORDS, w, OFFSETS, mode="max"),
        distinct(3, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name: str) -> None:
    function, x = FUNCTIONS[name]
    assert gradcheck(function, (x,), fast_mode=True)
    assert gradgradcheck(function, (x,), fast_mode=True)


def test_derivatives_of_a_sample_by_the_image_and_its_places_together() -> None:
    x, places = IMAGE.detach(), PLACES.detach()
    x.requires_grad_(), places.requires_grad_()

    def sample(a: Any, g: Any) -> Any:
        return F.grid_sample(a, g, padding_mode="border", align_corners=False)

    assert gradcheck(sample, (x, places), fast_mode=True)
    assert gradgradcheck(sample, (x, places), fast_mode=True)


def test_the_grid_of_an_affine_map_turns_an_image() -> None:
    image = IMAGE.detach()
    for theta, turned in (
        ([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]], image.flip(2, 3)),
        ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], image.transpose(2, 3)),
        ([[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]], F.pad(image, (-1, 1))),
    ):
        maps = minitorch.tensor([theta] * 2, dtype=minitorch.float64)
        grid = F.affine_grid(maps, turned.shape, False)
        found = F.grid_sample(image, grid, align_corners=False)
        np.testing.assert_allclose(found.numpy(), turned.numpy(), atol=1e-12)


def test_a_local_response_is_a_sum_over_neighbouring_channels() -> None:
    x = RNG.standard_normal((2, 6, 3, 2))
    out = F.local_response_norm(minitorch.tensor(x), 3, 0.3, 0.5, 2.0).numpy()
    for c in range(6):
        near = (x[:, max(c - 1, 0) : c + 2] ** 2).sum(1)
        np.testing.assert_allclose(out[:, c], x[:, c] / np.sqrt(2.0 + 0.1 * near))


def test_gradients_of_a_permuted_image_are_those_of_the_image() -> None:
    for function in (lambda x: F.max_pool2d(x, 3, 2, 1), lambda x: F.avg_pool2d(x, 2),
                     lambda x: F.adaptive_avg_pool2d(x, 1)):  # fmt: skip
        gradients = []
        for order, back in (((0, 1, 2, 3), (0, 1, 2, 3)), ((0, 2, 3, 1), (0, 3, 1, 2))):
            x = minitorch.tensor(IMAGE.detach().numpy(), requires_grad=True)
            (function(x.permute(*order).contiguous().permute(*back)) ** 2).sum().backward()
            gradients.append(x.grad.numpy())
        np.testing.assert_allclose(*gradients)


def test_a_second_backward_through_a_maximum_says_that_it_is_freed() -> None:
    out = F.max_pool2d(distinct(1, 1, 4, 4), 2).sum()
    out.backward()
    with pytest.raises(RuntimeError, match="second time"):
        out.backward()


def test_threads_do_not_change_a_bit() -> None:
    x = RNG.standard_normal((8, 16, 33, 35)).astype(np.float32)
    results = []
    for threads in (1, 2):
        before = minitorch.get_num_threads()
        minitorch.set_num_threads(threads)
        try:
            leaf = minitorch.tensor(x, requires_grad=True)
            (F.max_pool2d(leaf, 3, 2, 1) * F.avg_pool2d(leaf, 3, 2, 1)).sum().backward()
        finally:
            minitorch.set_num_threads(before)
        results.append(leaf.grad.numpy().tobytes())
    assert results[0] == results[1]


def test_a_scale_too_small_to_add_an_element_changes_nothing() -> None:
    for mode in ("nearest", "bilinear"):
        assert F.interpolate(IMAGE, scale_factor=(1.1, 1.2), mode=mode).equal(IMAGE)
        wider = F.interpolate(IMAGE, scale_factor=(1.1, 2.0), mode=mode)
        assert wider.equal(F.interpolate(IMAGE, scale_factor=(1.0, 2.0), mode=mode))
    assert F.interpolate(SIGNAL, scale_factor=1.1, mode="linear").equal(SIGNAL)


def test_dropped_channels_are_zero_as_a_whole() -> None:
    minitorch.manual_seed(0)
    for layer, shape, channels in (
        (nn.Dropout2d(0.5), (20, 30, 4, 4), (20, 30, -1)),
        (nn.Dropout3d(0.5), (20, 30, 2, 3, 2), (20, 30, -1)),
        (nn.Dropout3d(0.5), (600, 2, 3, 2), (600, -1)),
        (nn.Dropout1d(0.5), (20, 30, 5), (20, 30, -1)),
        (nn.Dropout1d(0.5), (600, 5), (600, -1)),
    ):
        out = layer(minitorch.ones(*shape)).numpy().reshape(channels)
        assert set(np.unique(out)) == {0.0, 2.0}
        assert (out == out[..., :1]).all()
        assert 0.4 < (out[..., 0] == 0).mean() < 0.6
        assert (layer.eval()(minitorch.ones(*shape)).numpy() == 1).all()


def test_dropping_channels_in_place() -> None:
    x = minitorch.ones(2, 3, 4)
    assert F.dropout1d(x, 1.0, inplace=True) is x
    assert not x.numpy().any()


def test_what_is_not_supported_is_named() -> None:
    x = minitorch.ones(1, 1, 4, 4)
    with pytest.raises(NotImplementedError, match="antialias=True"):
        F.interpolate(x, 2, mode="bilinear", antialias=True)
    with pytest.raises(NotImplementedError, match="mode='bicubic'"):
        F.grid_sample(x, minitorch.ones(1, 2, 2, 2), "bicubic", align_corners=False)
    with pytest.raises(NotImplementedError, match="input of 5 dimensions"):
        F.grid_sample(
            minitorch.ones(1, 1, 2, 2, 2), minitorch.ones(1, 2, 2, 2, 3), align_corners=True
        )
    with pytest.raises(NotImplementedError, match="per_sample_weights"):
        F.embedding_bag(WORDS, minitorch.ones(3, 2), OFFSETS, per_sample_weights=minitorch.ones(4))
    with pytest.raises(NotImplementedError, match="mode='nearest'"):
        F.interpolate(minitorch.ones(1, 1, 4, 4, dtype=minitorch.int64), 2)


def test_windows_that_hold_nothing_but_padding() -> None:
    with pytest.raises(RuntimeError, match="leaves windows empty"):
        F.max_pool2d(minitorch.ones(1, 1, 1, 1), 2, padding=1, dilation=2)


def test_the_gradient_of_one_maximum_lies_in_memory_as_the_image() -> None:
    image = np.ones((2, 4, 4, 3), np.float32).transpose(0, 3, 1, 2)
    x = minitorch.from_numpy(image).requires_grad_()
    F.max_pool2d(x, 4).sum().backward()
    assert x.grad.stride() == x.stride()


def test_bags_that_fall_back() -> None:
    with pytest.raises(RuntimeError, match="must not fall"):
        F.embedding_bag(WORDS, minitorch.ones(3, 2), minitorch.tensor([0, 3, 1]))


def test_a_padding_layer_wants_all_its_numbers() -> None:
    with pytest.raises(ValueError, match="ZeroPad2d expects 4 numbers"):
        nn.ZeroPad2d((1, 2))
