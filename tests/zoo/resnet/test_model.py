"""Residual networks: their sizes, their keys, their parts, and what they refuse."""

import numpy as np
import pytest

import minitorch
from minitorch import nn
from zoo.resnet import (
    BasicBlock,
    Bottleneck,
    CifarResNet,
    ResNet,
    ResNet9,
    resnet9,
    resnet18,
    resnet20,
    resnet34,
    resnet50,
    resnet110,
)
from zoo.resnet.parts import ZeroPadShortcut


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (resnet18, 11_689_512),
        (resnet34, 21_797_672),
        (resnet50, 25_557_032),
        (resnet20, 269_722),
        (resnet110, 1_727_962),
    ],
)
def test_published_numbers_of_parameters(make, parameters):
    assert count(make()) == parameters


def test_keys_and_shapes_of_the_large_network():
    shapes = {name: tuple(value.shape) for name, value in resnet18().state_dict().items()}
    assert len(shapes) == 122
    assert shapes["conv1.weight"] == (64, 3, 7, 7)
    assert shapes["layer1.0.conv2.weight"] == (64, 64, 3, 3)
    assert shapes["layer2.0.downsample.0.weight"] == (128, 64, 1, 1)
    assert shapes["layer2.0.downsample.1.running_var"] == (128,)
    assert shapes["layer4.1.bn2.num_batches_tracked"] == ()
    assert shapes["fc.weight"] == (1000, 512)
    assert not any(name.startswith("layer1.0.downsample") for name in shapes)
    deeper = {name: tuple(value.shape) for name, value in resnet50().state_dict().items()}
    assert deeper["layer1.0.downsample.0.weight"] == (256, 64, 1, 1)
    assert deeper["layer4.2.conv3.weight"] == (2048, 512, 1, 1)


def test_keys_of_the_small_network():
    shapes = {name: tuple(value.shape) for name, value in resnet20().state_dict().items()}
    assert shapes["conv1.weight"] == (16, 3, 3, 3)
    assert shapes["layer3.2.bn2.bias"] == (64,)
    assert shapes["linear.weight"] == (10, 64)
    assert {name.split(".")[0] for name in shapes} == {
        "conv1",
        "bn1",
        "layer1",
        "layer2",
        "layer3",
        "linear",
    }
    assert not any("downsample" in name for name in shapes)


def small(kind, **settings):
    if kind == "resnet":
        return ResNet(BasicBlock, [1, 1, 1, 1], **{"num_classes": 5, "stem": "cifar", **settings})
    if kind == "bottleneck":
        return ResNet(Bottleneck, [1, 1, 1, 1], **{"num_classes": 5, **settings})
    if kind == "cifar":
        return CifarResNet(8, **{"num_classes": 5, **settings})
    return ResNet9(**{"num_classes": 5, "widths": (8, 8, 8), **settings})


KINDS = ["resnet", "bottleneck", "cifar", "resnet9"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 4])
def test_any_number_of_channels_and_classes(kind, channels):
    model = small(kind, in_channels=channels)
    x = minitorch.randn(2, channels, 32, 32)
    scores = model(x)
    assert scores.shape == (2, 5)
    scores.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None) == parameter.requires_grad, name


@pytest.mark.parametrize("kind", KINDS)
def test_the_classifier_can_be_replaced_or_left_out(kind):
    model = small(kind).eval()
    x = minitorch.randn(2, 3, 32, 32)
    maps = model.forward_features(x)
    assert maps.shape[:2] == (2, model.num_features)
    model.reset_classifier(7)
    assert model(x).shape == (2, 7)
    assert model.num_classes == 7
    model.reset_classifier(0)
    assert model(x).shape == (2, model.num_features)
    np.testing.assert_array_equal(model(x).detach().numpy(), model.pool(maps).detach().numpy())
    model.reset_classifier(3)
    assert model(x).shape == (2, 3)
    with pytest.raises(ValueError, match="must not be negative"):
        model.reset_classifier(-1)


@pytest.mark.parametrize("kind", ["resnet", "bottleneck", "cifar"])
def test_a_block_can_begin_as_its_shortcut(kind):
    model = small(kind, zero_init_residual=True).eval()
    block = next(m for m in model.modules() if isinstance(m, BasicBlock | Bottleneck))
    x = minitorch.rand(2, block.conv1.in_channels, 6, 6)
    expected = x if block.downsample is None else block.downsample(x)
    np.testing.assert_allclose(
        block(x).detach().numpy(), expected.relu().detach().numpy(), atol=1e-6
    )


def test_the_stems():
    x = minitorch.zeros(1, 3, 64, 64)
    assert small("resnet").forward_features(x).shape == (1, 512, 8, 8)
    assert small("resnet", stem="imagenet").forward_features(x).shape == (1, 512, 2, 2)


def test_the_shortcut_of_zeros():
    x = minitorch.arange(32.0).reshape(1, 2, 4, 4)
    out = ZeroPadShortcut(2, 4, 2)(x).numpy()
    assert out.shape == (1, 4, 2, 2)
    assert not out[:, [0, 3]].any()
    np.testing.assert_array_equal(out[:, 1:3], x.numpy()[:, :, ::2, ::2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: resnet18(stem="tiny"), "imagenet, cifar"),
        (lambda: resnet18(in_channels=0), "in_channels must be at least 1"),
        (lambda: resnet18(num_classes=-1), "num_classes must not be negative"),
        (lambda: CifarResNet(21), r"6 n \+ 2"),
        (lambda: CifarResNet(2), r"6 n \+ 2"),
        (lambda: ResNet9(activation="relo"), "relu, silu"),
        (lambda: ResNet9(widths=(8, 8)), "three groups"),
        (lambda: ResNet9(widths=(8, 0, 8)), "widths"),
    ],
)
def test_impossible_networks_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# ----------------------------------------------------------------------------------------- resnet9


def photographs(count=40, channels=3):
    """Images whose neighbouring pixels and channels are alike."""
    rng = np.random.default_rng(0)
    base = rng.standard_normal((count, 1, 12, 12)).cumsum(2).cumsum(3) / 5
    noise = rng.standard_normal((count, channels, 12, 12)) / 3
    return minitorch.from_numpy((base + noise).astype(np.float32))


@pytest.mark.parametrize("channels", [1, 3])
def test_whitened_patches_are_uncorrelated_and_of_one_variance(channels):
    model = ResNet9(in_channels=channels, widths=(8, 8, 8))
    images = photographs(channels=channels)
    model.whiten(images, eps=0.0)
    out = model.whitening(images).detach().numpy()  # (N, 8 C, H - 1, W - 1)
    half = 4 * channels
    np.testing.assert_allclose(out[:, :half], -out[:, half:], atol=1e-5)
    rows = np.moveaxis(out[:, :half], 1, -1).reshape(-1, half).astype(np.float64)
    np.testing.assert_allclose(rows.T @ rows / len(rows), np.eye(half), atol=1e-3)


def test_whitening_keeps_its_sharpest_directions_last_and_small_ones_bounded():
    model = ResNet9(widths=(8, 8, 8))
    model.whiten(photographs())
    norms = np.linalg.norm(model.whitening.weight.detach().numpy().reshape(24, -1), axis=1)
    assert (np.diff(norms[:12]) >= 0).all()
    model.whiten(minitorch.ones(3, 3, 12, 12))  # no variance in eleven directions
    assert np.isfinite(model.whitening.weight.detach().numpy()).all()


def test_whitening_is_part_of_the_state_and_is_not_trained():
    model, other = ResNet9(widths=(8, 8, 8)), ResNet9(widths=(8, 8, 8))
    model.whiten(photographs())
    other.load_state_dict(model.state_dict())
    x = photographs(2)
    np.testing.assert_array_equal(
        model.eval()(x).detach().numpy(), other.eval()(x).detach().numpy()
    )
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    assert frozen[0] == "whitening.weight"
    assert all(name.endswith("norm.weight") for name in frozen[1:])
    assert len(frozen) == 8


def test_images_of_another_kind_are_not_whitened():
    with pytest.raises(ValueError, match=r"expected images \(N, 3, H, W\)"):
        ResNet9(widths=(8, 8, 8)).whiten(minitorch.zeros(2, 1, 9, 9))


def test_convolutions_begin_as_identities():
    model = ResNet9(widths=(30, 8, 8), units=(0, 0, 0))
    x = minitorch.randn(1, 24, 6, 6)
    out = model.group1.conv(x)
    np.testing.assert_allclose(out.detach().numpy()[:, :24], x.numpy(), atol=1e-5)


def test_a_unit_adds_to_what_it_is_given():
    unit = ResNet9(widths=(8, 8, 8)).group1.units[0].eval()
    x = minitorch.randn(2, 8, 5, 5)
    expected = x + nn.GELU(approximate="tanh")(unit.norm(unit.conv(x)))
    np.testing.assert_allclose(unit(x).detach().numpy(), expected.detach().numpy(), atol=1e-5)


def test_nine_layers():
    layers = [m for m in resnet9().modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 9
