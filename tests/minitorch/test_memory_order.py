"""Tensors that share memory go on to share it when `view` asks for another order of it."""

import numpy as np
import pytest

import minitorch
from minitorch import nn


@pytest.fixture
def image():
    """The result of a convolution, whose channels are last in memory, outside autograd."""
    out = nn.Conv2d(3, 4, 3)(minitorch.ones(2, 3, 8, 8)).detach()
    assert not out.is_contiguous()
    return out


def test_detached_tensors_data_and_views_see_changes_after_a_view(image):
    others = [image.detach(), image.data, image[:, :2], image.permute(1, 0, 2, 3).detach()]
    flat = image.view(2, -1)
    image.detach().zero_()
    assert all(not other.any() for other in [*others, flat])
    flat.add_(1)
    assert all((other == 1).all() for other in [*others, image])


def test_a_weight_and_its_gradient_are_changed_through_data():
    linear = nn.Linear(3, 4)
    linear(minitorch.ones(2, 3)).sum().backward()
    for tensor in (linear.weight, linear.weight.grad):
        tensor.data.view(-1).fill_(3.0)
        assert (tensor == 3).all()


def test_a_part_has_a_view_where_it_would_be_contiguous_in_row_major_order(image):
    assert image[:, :2].view(2, -1).shape == (2, 72)


def test_data_set_anew_leaves_the_old_memory(image):
    old = image.detach()
    image.data = minitorch.ones(4, 3, 2, 2).permute(0, 2, 3, 1)
    old.view(-1).zero_()
    assert (image == 1).all()


def test_what_looks_at_memory_of_somebody_else_has_no_such_view():
    rows = minitorch.arange(6.0).view(2, 3)
    foreign = minitorch.from_numpy(np.asfortranarray(np.ones((2, 3), np.float32)))
    with minitorch.inference_mode():
        inferred = (rows * 1).t()
    for tensor in (rows.t(), rows.t().detach(), rows.t().data, foreign, inferred):
        with pytest.raises(RuntimeError, match="view size is not compatible"):
            tensor.view(-1)


def test_views_under_inference_mode_move_along():
    with minitorch.inference_mode():
        out = nn.Conv2d(3, 4, 3)(minitorch.ones(2, 3, 8, 8))
        first = out[0]
        out.view(-1).zero_()
        assert not first.any()


def test_an_array_goes_on_to_see_changes_after_a_view(image):
    seen = image.numpy()
    flat = image.view(2, -1)
    image.zero_()
    assert not seen.any()
    seen[...] = 2
    assert (flat == 2).all()


@pytest.mark.parametrize("of", [np.asarray, minitorch.Tensor.numpy])
def test_the_array_of_a_weight_is_its_memory_in_row_major_order(of):
    layer = nn.Linear(4, 3)
    layer(minitorch.ones(2, 4)).sum().backward()
    for tensor in (layer.weight.detach(), layer.weight.grad):
        array = of(tensor)
        assert array.flags.c_contiguous
        tensor.view(-1)
        tensor.fill_(7.0)
        assert (array == 7).all()
    assert (layer.weight == 7).all()


def test_a_copy_as_an_array_leaves_the_order_of_memory(image):
    assert np.array(image).shape == image.shape
    assert not image.is_contiguous()


def test_data_set_to_the_tensor_itself_changes_nothing():
    """What converting a module to the dtype that it has comes down to."""
    layer = nn.Linear(2, 3)
    weight, seen = layer.weight, layer.weight.detach()
    weight.data = weight
    seen.view(-1)[0] = 7  # moves all that share the memory into row-major order
    assert weight.view(-1)[0].item() == 7


def test_a_tensor_that_is_shared_twice_is_known_once(image):
    image.data = other = image.detach()
    other.data = image
    image.data = other
    other.view(-1)[0] = 7
    assert image.view(-1)[0].item() == 7
