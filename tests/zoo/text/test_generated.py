"""The generated sentences: what they mean, and that counting words does not find it."""

import numpy as np
import pytest

from zoo.text import GeneratedSentiment
from zoo.text.generated import BAD, GOOD, SentenceWriter


@pytest.fixture(scope="module")
def sentences():
    return GeneratedSentiment(n_train=4000, n_val=300, n_test=1000).load()


def test_parts_are_balanced_and_disjoint(sentences):
    parts = [sentences.train, sentences.val, sentences.test]
    texts = [set(part.texts) for part in parts]
    assert [len(text) for text in texts] == [4000, 300, 1000]
    assert not texts[0] & texts[1] | texts[0] & texts[2] | texts[1] & texts[2]
    assert all(0.4 < part.labels.mean() < 0.6 for part in parts)


def test_the_same_seed_writes_the_same_sentences():
    one, same, other = (
        GeneratedSentiment(50, 5, 5, seed=seed).load().train.texts for seed in (0, 0, 1)
    )
    assert one == same != other


def judge(clause):
    """The verdict on a clause by a reader that knows the words: an oracle for one clause."""
    turned = any(mark in clause for mark in ("not ", "hardly", "anything but"))
    turned = turned or ("was never " in clause and "less than" not in clause)
    if "could not have been more" in clause:
        turned = False
    quality = next(word for word in clause.split() if word in GOOD + BAD)
    return int((quality in GOOD) != turned)


def test_clauses_mean_what_their_label_says():
    writer = SentenceWriter(np.random.default_rng(3))
    for number in range(300):
        clause = writer.clause(number % 2)
        assert judge(clause) == number % 2, clause


def test_the_main_clause_decides():
    writer = SentenceWriter(np.random.default_rng(4))
    for verdict in (0, 1):
        for _ in range(50):
            first, second = writer._but(verdict).split(" , but ")
            assert (judge(first), judge(second)) == (1 - verdict, verdict)
            aside, main = writer._although(verdict).split(" , ")
            assert (judge(aside), judge(main)) == (1 - verdict, verdict)
            main, aside = writer._even_though(verdict).split(" , even though ")
            assert (judge(aside), judge(main)) == (1 - verdict, verdict)
            reported = writer._reported(verdict)
            own = reported.partition(" but i found that ")[2] or reported.partition(" whereas ")[0]
            assert judge(own) == verdict


@pytest.mark.parametrize("longest", [1, 2])
def test_counting_words_does_not_find_the_verdict(sentences, longest):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, longest), token_pattern=r"\S+")
    bag = make_pipeline(words, LogisticRegression(max_iter=1000))
    bag.fit(sentences.train.texts, sentences.train.labels)
    assert bag.score(sentences.test.texts, sentences.test.labels) < 0.7


def test_impossible_numbers_are_refused():
    with pytest.raises(ValueError, match="n_val must be at least 1"):
        GeneratedSentiment(n_val=0)
    with pytest.raises(ValueError, match="seed must not be negative"):
        GeneratedSentiment(seed=-1)
