"""Attention layers, transformers and positions, against definitions."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn

RNG = np.random.default_rng(0)


def test_one_step_of_decoding_is_the_last_row_of_causal_attention():
    q, k, v = (minitorch.randn(2, 4, 9, 8) for _ in range(3))
    whole = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    last = nn.functional.scaled_dot_product_attention(q[:, :, -1:], k, v)
    np.testing.assert_allclose(last.numpy(), whole[:, :, -1:].numpy(), rtol=1e-5, atol=1e-6)


def test_an_entry_that_is_all_padding_gives_no_nan_unless_weights_are_needed():
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = minitorch.randn(2, 3, 8, requires_grad=True)
    padding = minitorch.tensor([[False] * 3, [True] * 3])
    out, _ = layer(x, x, x, key_padding_mask=padding, need_weights=False)
    (out**2).sum().backward()
    assert np.isfinite(out.detach().numpy()).all()
    assert all(np.isfinite(p.grad.numpy()).all() for p in (x, *layer.parameters()))
    out, weights = layer(x, x, x, key_padding_mask=padding)  # as in torch
    assert np.isnan(out[1].detach().numpy()).all()
    assert np.isnan(weights[1].detach().numpy()).all()
    assert np.isfinite(out[0].detach().numpy()).all()


def test_padding_changes_nothing_for_the_rest():
    model = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True), 2, enable_nested_tensor=False
    )
    x = minitorch.randn(1, 3, 8)
    padded = minitorch.cat([x, minitorch.randn(1, 4, 8)], 1)
    padding = minitorch.arange(7)[None] >= 3
    found = model(padded, src_key_padding_mask=padding)[:, :3]
    np.testing.assert_allclose(found.detach().numpy(), model(x).detach().numpy(), atol=1e-5)


def test_the_layers_of_a_stack_are_copies():
    layer = nn.TransformerDecoderLayer(8, 2, 16)
    stack = nn.TransformerDecoder(layer, 3)
    weights = [each.linear1.weight for each in stack.layers]
    assert len({id(w) for w in (*weights, layer.linear1.weight)}) == 4
    assert all((w == layer.linear1.weight).all() for w in weights)


def test_dropout_stops_in_evaluation():
    model = nn.Transformer(8, 2, 1, 1, 16, dropout=0.5)
    x = minitorch.randn(3, 2, 8)
    assert (model(x, x) != model(x, x)).any()
    model.eval()
    assert (model(x, x) == model(x, x)).all()


def test_layers_that_the_user_brings():
    class Sum(nn.Module):
        def forward(self, x, *others, **masks):
            return sum(others, x)

    model = nn.Transformer(8, 2, custom_encoder=Sum(), custom_decoder=Sum())
    x, y = minitorch.ones(3, 2, 8), minitorch.ones(3, 2, 8)
    assert (model(x, y) == 2).all()


def test_the_sinusoids_are_those_of_the_paper():
    table = nn.SinusoidalPositionalEncoding(6, 10).table.numpy()
    for place, i in np.ndindex(10, 3):
        angle = place / 10000 ** (2 * i / 6)
        np.testing.assert_allclose(table[place, 2 * i], np.sin(angle), atol=1e-6)
        np.testing.assert_allclose(table[place, 2 * i + 1], np.cos(angle), atol=1e-6)
    assert nn.SinusoidalPositionalEncoding(5, 4).table.shape == (4, 5)


POSITIONS = {
    "sinusoidal": lambda **options: nn.SinusoidalPositionalEncoding(6, 10, **options),
    "learned": lambda **options: nn.LearnedPositionalEmbedding(10, 6, **options),
}


@pytest.mark.parametrize("make", POSITIONS.values(), ids=POSITIONS)
def test_positions_are_added_along_time(make):
    layer = make()
    vectors = layer(minitorch.zeros(4, 6))  # unbatched
    batch = layer(minitorch.zeros(4, 3, 6))
    assert (batch == vectors[:, None]).all()
    layer = make(batch_first=True)
    layer.load_state_dict(layer.state_dict())
    batch, rest = layer(minitorch.zeros(3, 4, 6)), layer(minitorch.zeros(3, 2, 6), offset=2)
    assert (batch[:, 2:] == rest).all()
    with pytest.raises(
        ValueError, match="a sequence of 8 at offset 3 does not fit into max_len=10"
    ):
        layer(minitorch.zeros(1, 8, 6), offset=3)
    assert not (make(dropout=0.5)(minitorch.ones(9, 6)) != 0).all()


def test_learned_positions_are_learned():
    layer = nn.LearnedPositionalEmbedding(10, 6, batch_first=True)
    layer(minitorch.zeros(3, 4, 6)).sum().backward()
    gradient = layer.weight.grad.numpy()
    assert (gradient[:4] == 3).all()
    assert (gradient[4:] == 0).all()


@pytest.mark.parametrize("interleaved", [True, False])
def test_rotated_products_depend_on_the_distance_alone(interleaved: bool):
    rotary = nn.RotaryEmbedding(8, 50, interleaved=interleaved).double()
    q, k = (minitorch.tensor(RNG.standard_normal((1, 8))) for _ in range(2))
    products = [
        (rotary(q, offset=place + 3) * rotary(k, offset=place)).sum().item()
        for place in (0, 10, 40)
    ]
    np.testing.assert_allclose(products, products[0], rtol=1e-5)
    x = minitorch.tensor(RNG.standard_normal((2, 3, 5, 8)), requires_grad=True)
    y = rotary(x)
    np.testing.assert_allclose(y.norm(dim=-1).tolist(), x.norm(dim=-1).tolist(), rtol=1e-6)
    (minitorch.ones_like(y) * y).sum().backward()
    assert x.grad.shape == x.shape


def test_rotary_embedding_says_what_is_wrong():
    with pytest.raises(ValueError, match="dim must be even and positive, got 3"):
        nn.RotaryEmbedding(3)
    rotary = nn.RotaryEmbedding(4, 5)
    with pytest.raises(ValueError, match=r"expected an input of shape \(\*, L, 4\), got \(2, 6\)"):
        rotary(minitorch.ones(2, 6))
    with pytest.raises(ValueError, match="a sequence of 6 at offset 0 does not fit into max_len=5"):
        rotary(minitorch.ones(6, 4))


def test_tables_are_no_part_of_the_state():
    for layer in (nn.SinusoidalPositionalEncoding(6), nn.RotaryEmbedding(4)):
        assert not layer.state_dict()
        layer.to(minitorch.float64)
        assert all(table.dtype == minitorch.float64 for table in layer.buffers())


def test_another_device_is_refused():
    for make in (
        lambda: nn.MultiheadAttention(4, 2, device="cuda"),
        lambda: nn.Transformer.generate_square_subsequent_mask(3, device="cuda"),
    ):
        with pytest.raises((NotImplementedError, RuntimeError), match="cuda"):
            make()
