"""Writing: which tokens may be drawn, and that the cache changes nothing."""

import math

import numpy as np
import pytest

import minitorch
from minitorch import nn
from zoo.text import Tokenizer
from zoo.transformer import GPT
from zoo.transformer.generate import stream
from zoo.transformer.sampling import Sampler, generate


@pytest.fixture
def model():
    minitorch.manual_seed(0)
    model = GPT(300, context=10, layers=2, heads=2, width=8)
    for parameter in model.parameters():
        if parameter.dim() == 2:
            nn.init.normal_(parameter, std=0.4)
    return model.eval()


@pytest.mark.parametrize("prompt", [[1], [1, 2, 3], list(range(10)), list(range(25))])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_with_and_without_the_cache_the_text_is_the_same(model, prompt, temperature):
    texts = [
        list(generate(model, prompt, 35, Sampler(temperature, seed=1), cached))
        for cached in (True, False)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 35


def test_each_token_is_the_likeliest_after_those_before(model):
    text = [1, 2, 3, *generate(model, [1, 2, 3], 6, Sampler(0.0))]
    for end in range(3, 9):
        scores = model(minitorch.tensor([text[:end]]))[0, -1].detach().numpy()
        assert text[end] == scores.argmax()


def test_the_window_goes_on_with_its_second_half(model):
    text = [1, *generate(model, [1], 14, Sampler(0.0))]
    scores = model(minitorch.tensor([text[6:14]]))[0, -1].detach().numpy()
    assert text[14] == scores.argmax()


def test_a_seed_repeats_the_text(model):
    one, same, other = (list(generate(model, [1], 20, Sampler(seed=s))) for s in (5, 5, 6))
    assert one == same != other


SCORES = np.log(np.array([0.4, 0.1, 0.3, 0.2], np.float32))


@pytest.mark.parametrize(
    ("settings", "tokens", "shares"),
    [
        ({}, [0, 2, 3, 1], [0.4, 0.3, 0.2, 0.1]),
        ({"top_k": 2}, [0, 2], [4 / 7, 3 / 7]),
        ({"top_p": 0.7}, [0, 2], [4 / 7, 3 / 7]),
        ({"top_p": 0.71}, [0, 2, 3], [4 / 9, 3 / 9, 2 / 9]),
        ({"top_p": 0.01}, [0], [1.0]),
        ({"top_k": 9, "top_p": 1.0}, [0, 2, 3, 1], [0.4, 0.3, 0.2, 0.1]),
        ({"temperature": 0.5}, [0, 2, 3, 1], [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
    ],
)
def test_candidates(settings, tokens, shares):
    found, probabilities = Sampler(**settings).candidates(SCORES)
    assert found.tolist() == tokens
    np.testing.assert_allclose(probabilities, shares, rtol=1e-5)


def test_tokens_are_drawn_as_often_as_their_probability_says():
    sampler = Sampler(seed=0)
    counts = np.bincount([sampler(SCORES) for _ in range(4000)], minlength=4)
    spread = 4 * np.sqrt(4000 * 0.25)
    np.testing.assert_allclose(counts, [1600, 400, 1200, 800], atol=spread)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": -1.0}, "temperature must be 0 or a positive number"),
        ({"temperature": math.inf}, "temperature must be 0 or a positive number"),
        ({"top_k": 0}, "top-k must be at least 1"),
        ({"top_p": 0.0}, "top-p must be above 0 and at most 1"),
        ({"seed": -3}, "seed must not be negative"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Sampler(**settings)


def test_an_empty_prompt_is_refused(model):
    with pytest.raises(ValueError, match="at least one token"):
        next(generate(model, [], 1, Sampler()))


def test_a_stream_shows_whole_characters_only(model):
    tokenizer = Tokenizer.byte_pairs(["é🎉 là"] * 4, max_size=300)
    minitorch.manual_seed(1)
    writer = GPT(len(tokenizer), context=10, layers=1, heads=1, width=4).eval()
    pieces = list(stream(writer, tokenizer, "é", 200, Sampler(1.5, seed=2)))
    ids = list(generate(writer, tokenizer.encode("é"), 200, Sampler(1.5, seed=2)))
    assert "".join(pieces) == tokenizer.decode(ids)
    assert len(pieces) == 201


def test_gradients_are_recorded_while_the_generator_waits(model):
    tokens = generate(model, [1], 3, Sampler(seed=0))
    next(tokens)
    assert minitorch.is_grad_enabled()
