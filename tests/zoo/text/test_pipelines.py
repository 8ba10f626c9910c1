"""The pipelines of text: vocabularies, batches of equal length, windows, and going on mid-epoch."""

import itertools

import numpy as np
import pytest

import minitorch
from zoo.data import DataError
from zoo.text import Corpus, GeneratedSentiment, TextData
from zoo.text.buckets import BucketBatchSampler


def sentences(**settings):
    return TextData(GeneratedSentiment(120, 20, 30), **{"batch_size": 8, **settings})


def rows(batches):
    return [(ids.tolist(), labels.tolist()) for ids, labels in batches]


def test_every_text_comes_once_with_its_label_and_padding_at_the_end():
    data = sentences()
    expected = {
        tuple(data.tokenizer.encode(text)): label
        for text, label in zip(*vars(data.parts["train"]).values(), strict=True)
    }
    found = {}
    for ids, labels in data.train_batches(seed=0):
        for row, label in zip(ids.tolist(), labels.tolist(), strict=True):
            real = [i for i in row if i != 0]
            assert row == real + [0] * (len(row) - len(real))
            found[tuple(real)] = label
    assert found == expected


def test_buckets_save_padding():
    lengths = np.random.default_rng(0).integers(3, 40, 2000)

    def padding(batches):
        return sum(int((lengths[b].max() - lengths[b]).sum()) for b in batches)

    generator = minitorch.Generator().manual_seed(0)
    bucketed = list(BucketBatchSampler(lengths, 16, generator))
    shuffled = np.random.default_rng(1).permutation(2000).reshape(-1, 16).tolist()
    assert sorted(itertools.chain(*bucketed)) == list(range(2000))
    assert padding(bucketed) < 0.15 * padding(shuffled)
    assert bucketed != list(BucketBatchSampler(lengths, 16, generator))


def test_batches_go_on_in_the_middle_of_an_epoch():
    loader = sentences(word_dropout=0.3).train_batches(seed=3)
    list(loader)
    batches = iter(loader)
    for _ in range(4):
        next(batches)
    state = loader.state_dict()
    rest = rows(batches)
    again = sentences(word_dropout=0.3).train_batches(seed=99)
    again.load_state_dict(state)
    assert rows(again) == rest
    assert len(rest) == 11


def test_words_are_dropped_in_training_only():
    data = sentences(word_dropout=0.5)

    def share(batches):
        ids = np.concatenate([ids.numpy().ravel() for ids, _ in batches])
        return (ids == 1).sum() / (ids != 0).sum()

    assert 0.4 < share(data.train_batches(0)) < 0.6
    assert share(data.val_batches()) < 0.1
    assert share(sentences(word_dropout=0.5, overfit_batches=1).train_batches(0)) == 0


def test_the_vocabulary_is_that_of_the_training_texts():
    data = sentences(vocab_size=20)
    assert len(data.tokenizer) == 20
    training = set(" ".join(data.parts["train"].texts).split())
    assert set(sentences().tokenizer.tokens[2:]) <= training
    assert sentences(tokenizer="byte_pairs", vocab_size=300).tokenizer.kind == "byte_pairs"


def test_long_texts_are_cut_and_empty_ones_are_unknown():
    data = sentences(max_length=5)
    assert max(map(len, data.ids("train"))) == 5
    assert data.encode([""])[0].tolist() == [1]


def test_parts_and_sizes():
    data = sentences(n_train=50)
    data.prepare()
    assert data.sizes() == {"train": 50, "val": 20, "test": 30}
    assert data.example().shape[0] == 1
    few = sentences(overfit_batches=2)
    assert few.sizes() == {"train": 16, "val": 16, "test": 16}
    assert few.parts["train"].texts == few.parts["test"].texts


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"tokenizer": "word"}, "tokenizer must be one of words, byte_pairs"),
        ({"word_dropout": 1.0}, "word_dropout must be at least 0 and below 1"),
        ({"val_fraction": 0.0}, "val_fraction must lie between 0 and 1"),
        ({"tokenizer": "byte_pairs", "min_count": 2}, "min_count is for words"),
        ({"split_seed": -1}, "split_seed must not be negative"),
    ],
)
def test_impossible_settings_of_texts_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        sentences(**settings)


TEXT = "".join(chr(97 + i * i % 26) for i in range(1000))


def corpus(**settings):
    return Corpus(lambda: TEXT, **{"context": 10, "batch_size": 4, **settings})


def test_targets_are_the_next_tokens_of_the_text():
    data = corpus()
    train = data.tokenizer.decode(data.ids("train"))
    assert TEXT.startswith(train)
    for inputs, targets in data.train_batches(seed=0):
        assert inputs.shape == targets.shape == (len(inputs), 10)
        for before, after in zip(inputs.tolist(), targets.tolist(), strict=True):
            assert before[1:] == after[:-1]
            assert data.tokenizer.decode([*before, after[-1]]) in train


def test_held_out_windows_stand_side_by_side():
    data = corpus(test_fraction=0.2)
    data.prepare()
    assert data.sizes() == {"train": 700, "val": 100, "test": 200}
    targets = [batch.numpy().ravel() for _, batch in data.test_batches()]
    assert data.tokenizer.decode(np.concatenate(targets)) == TEXT[801:991]


def test_without_a_test_part_the_validation_part_judges():
    data = corpus()
    assert data.ids("test") is not None
    assert data.ids("test").tolist() == data.ids("val").tolist()


def test_an_epoch_is_as_long_as_asked():
    assert len(corpus().train_batches(0)) == 23  # 900 // 10 windows, 4 a batch
    assert len(corpus(steps_per_epoch=7).train_batches(0)) == 7
    few = corpus(overfit_batches=2).train_batches(0)
    assert [x.tolist() for x, _ in few] == [x.tolist() for x, _ in few]


def test_windows_go_on_in_the_middle_of_an_epoch():
    loader = corpus().train_batches(seed=3)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest = rows(batches)
    again = corpus().train_batches(seed=4)
    again.load_state_dict(state)
    assert rows(again) == rest


def test_a_short_text_is_one_sentence():
    with pytest.raises(DataError, match=r"val part of the text has 100 tokens, fewer than one"):
        corpus(context=100).prepare()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"context": 0}, "context must be at least 1"),
        ({"tokenizer": "words"}, "tokenizer must be one of characters, byte_pairs"),
        ({"vocab_size": 5}, "vocab_size is for byte pairs"),
        ({"val_fraction": 0.5, "test_fraction": 0.5}, "both together below 1"),
    ],
)
def test_impossible_settings_of_a_corpus_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        corpus(**settings)
