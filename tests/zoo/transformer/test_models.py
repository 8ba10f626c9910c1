"""The two transformers: what they compute, what they leave alone, and what they refuse."""

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from zoo.transformer import GPT, CachedDecoder, TextCNN, TransformerClassifier

POOLINGS = ["mean", "max", "mean_max", "class_token"]


def classifier(**settings):
    minitorch.manual_seed(0)
    model = TransformerClassifier(
        20, 3, **{"d_model": 8, "nhead": 2, "dim_feedforward": 16, "max_length": 12, **settings}
    )
    return model.eval()


def decoder(**settings):
    minitorch.manual_seed(0)
    settings = {"context": 12, "layers": 2, "heads": 2, "width": 8, **settings}
    model = GPT(20, **settings)
    for parameter in model.parameters():  # larger weights, so that everything matters
        if parameter.dim() == 2:
            nn.init.normal_(parameter, std=0.3)
    return model.eval()


def ids(*rows):
    return minitorch.tensor(rows)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "none"])
def test_padding_does_not_matter(pooling, positions):
    model = classifier(pooling=pooling, positions=positions)
    alone, padded = model(ids([5, 6, 7])), model(ids([5, 6, 7, 0, 0], [8, 9, 8, 9, 8]))
    assert minitorch.allclose(alone[0], padded[0], atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_order_of_the_words_matters_with_positions_only(pooling):
    forward, backward = ids([5, 6, 7, 8]), ids([8, 7, 6, 5])
    model = classifier(pooling=pooling)
    assert not minitorch.allclose(model(forward), model(backward), atol=1e-4)
    model = classifier(pooling=pooling, positions="none")
    assert minitorch.allclose(model(forward), model(backward), atol=1e-5)


def cnn(**settings):
    minitorch.manual_seed(0)
    return TextCNN(20, 3, **{"d_model": 8, "channels": 4, "max_length": 12, **settings}).eval()


@pytest.mark.parametrize("windows", [[1], [3, 4, 5], [2]])
def test_to_filters_padding_does_not_matter(windows):
    model = cnn(windows=windows)
    with minitorch.no_grad():
        for convolution in model.convolutions:  # a bias that the padding would win with
            convolution.bias.fill_(5.0)
    alone, padded = model(ids([5, 6, 7])), model(ids([5, 6, 7, 0, 0], [8, 9, 8, 9, 8]))
    assert minitorch.allclose(alone[0], padded[0], atol=1e-6)


def test_filters_see_neighbours_and_one_word_each_does_not():
    forward, backward = ids([5, 6, 7, 8]), ids([6, 5, 8, 7])
    assert not minitorch.allclose(cnn()(forward), cnn()(backward), atol=1e-4)
    assert minitorch.allclose(cnn(windows=[1])(forward), cnn(windows=[1])(backward), atol=1e-5)


def test_filters_of_a_text_of_padding_alone_find_nothing():
    model = cnn()
    assert minitorch.equal(model(ids([0, 0, 0]))[0], model.classifier.bias)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"windows": []}, r"windows must be positive widths, at least one, got \[\]"),
        ({"windows": [3, 0]}, r"windows must be positive widths, at least one, got \[3, 0\]"),
        ({"channels": 0}, "channels must be at least 1, got 0"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, got 1.0"),
    ],
)
def test_impossible_filters_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        cnn(**settings)


def test_without_blocks_it_is_the_mean_of_the_words():
    model = classifier(num_layers=0, positions="none", norm_first=False)
    words = model.embedding.weight.detach().numpy()[[5, 6]] * math.sqrt(8)
    weight, bias = (p.detach().numpy() for p in model.classifier.parameters())
    expected = words.mean(0) @ weight.T + bias
    np.testing.assert_allclose(model(ids([5, 6, 0]))[0].detach().numpy(), expected, rtol=1e-5)


def test_a_text_of_padding_alone_gives_no_nan():
    for pooling in ("mean", "class_token"):
        scores = classifier(pooling=pooling)(ids([0, 0], [5, 6]))
        assert np.isfinite(scores[1].detach().numpy()).all()


@pytest.mark.parametrize("pooling", ["mean", "class_token"])
@pytest.mark.parametrize("norm_first", [True, False])
def test_attention_maps_are_those_of_the_forward_pass(pooling, norm_first):
    model = classifier(pooling=pooling, norm_first=norm_first)
    extra = int(pooling == "class_token")
    maps = model.attention(ids([5, 6, 7, 0]))
    assert [tuple(m.shape) for m in maps] == [(1, 2, 4 + extra, 4 + extra)] * 2
    for block in maps:
        np.testing.assert_allclose(block.detach().numpy().sum(-1), 1.0, rtol=1e-5)
        assert (block.detach().numpy()[..., -1] == 0).all()  # nobody looks at padding


def test_the_decoder_cannot_see_the_future():
    for positions in ("learned", "rotary"):
        model = decoder(positions=positions)
        one, other = model(ids([1, 2, 3, 4, 5])), model(ids([1, 2, 3, 9, 9]))
        assert minitorch.allclose(one[:, :3], other[:, :3], atol=1e-6)
        assert not minitorch.allclose(one[:, 3:], other[:, 3:], atol=1e-3)


@pytest.mark.parametrize("settings", [{}, {"positions": "rotary"}, {"bias": False, "tied": False}])
@pytest.mark.parametrize("pieces", [(1,) * 10, (4, 1, 1, 4), (10,), (3, 7)])
def test_reading_with_a_cache_gives_the_same_scores(settings, pieces):
    model = decoder(**settings)
    text = minitorch.randint(0, 20, (10,)).tolist()
    cached = CachedDecoder(model)
    for _ in range(2):  # and once more after forgetting
        for size in pieces:
            start = cached.length
            scores = cached.read(text[start : start + size])
            expected = model(minitorch.tensor([text[: start + size]]))[0, -1].detach().numpy()
            np.testing.assert_allclose(scores, expected, atol=2e-5)
        assert cached.length == 10
        cached.clear()


def test_the_cache_refuses_what_does_not_fit():
    cached = CachedDecoder(decoder())
    with pytest.raises(ValueError, match="cannot read 13 tokens, 12 would fit"):
        cached.read([1] * 13)
    with pytest.raises(ValueError, match="cannot read 0 tokens"):
        cached.read([])
    with pytest.raises(ValueError, match="not in the vocabulary"):
        cached.read([20])


def test_decoder_maps_are_lower_triangles():
    for block in decoder().attention(ids([1, 2, 3, 4])):
        weights = block.detach().numpy()
        np.testing.assert_allclose(weights.sum(-1), 1.0, rtol=1e-5)
        assert (np.triu(weights, 1) == 0).all()


def test_the_decoder_has_the_names_and_the_size_of_gpt2():
    model = GPT(50257, context=1024, layers=1, heads=12, width=768)
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    assert shapes["transformer.wte.weight"] == (50257, 768)
    assert shapes["transformer.wpe.weight"] == (1024, 768)
    assert shapes["transformer.h.0.attn.c_attn.weight"] == (2304, 768)
    assert shapes["transformer.h.0.mlp.c_proj.weight"] == (768, 3072)
    block = sum(math.prod(s) for name, s in shapes.items() if ".h.0." in name)
    assert block == 7_087_872
    assert model.lm_head.weight is model.transformer["wte"].weight
    untied = GPT(10, 4, 1, 2, 4, tied=False)
    assert untied.lm_head.weight is not untied.transformer["wte"].weight


def test_initial_weights_have_the_published_spread():
    model = GPT(1000, 64, layers=8, heads=2, width=128)
    weights = {name: p.detach().numpy() for name, p in model.named_parameters()}
    assert weights["transformer.wte.weight"].std() == pytest.approx(0.02, rel=0.05)
    projections = [w for name, w in weights.items() if name.endswith("c_proj.weight")]
    assert np.concatenate([w.ravel() for w in projections]).std() == pytest.approx(0.005, rel=0.05)
    assert all((w == 0).all() for name, w in weights.items() if name.endswith("bias"))


@pytest.mark.parametrize("make", [classifier, cnn, decoder])
def test_words_and_texts_that_do_not_fit_are_one_sentence(make):
    model = make()
    for wrong in (20, -1):
        with pytest.raises(ValueError, match=f"token id {wrong} is not in the vocabulary of 20"):
            model(ids([1, wrong]))
    with pytest.raises(ValueError, match=r"13 tokens (are more|is longer) than the model's .*12"):
        model(minitorch.ones(1, 13, dtype=minitorch.int64))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"d_model": 9}, "d_model must be divisible by nhead"),
        ({"num_layers": -1}, "num_layers must not be negative"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"pooling": "sum"}, "pooling must be one of mean, max"),
        ({"positions": "rotary"}, "positions must be one of sinusoidal"),
        ({"activation": "tanh"}, "activation must be one of relu"),
        ({"max_length": 0}, "max_length must be at least 1"),
    ],
)
def test_impossible_classifiers_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        classifier(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 9}, "width must be divisible by heads"),
        ({"layers": 0}, "layers must be at least 1"),
        ({"dropout": -0.1}, "dropout must be at least 0"),
        ({"positions": "sinusoidal"}, "positions must be one of learned, rotary"),
    ],
)
def test_impossible_decoders_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        decoder(**settings)
