"""Tokenizers: arbitrary text survives, and files keep the vocabulary."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data import DataError
from zoo.text import Tokenizer

BYTES = Tokenizer.byte_pairs(["the film was not good , the film was bad"] * 3, max_size=300)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_byte_pairs_return_any_text_unchanged(text):
    assert BYTES.decode(BYTES.encode(text)) == text


@settings(max_examples=100, deadline=None)
@given(anything)
def test_the_characters_of_the_tokens_add_up(text):
    assert sum(len(BYTES.shown[i]) for i in BYTES.encode(text)) == len(text)


@settings(max_examples=50, deadline=None)
@given(anything.filter(bool))
def test_characters_return_their_own_text_unchanged(text):
    tokenizer = Tokenizer.characters([text])
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.tokens == sorted(set(text))


def test_byte_pairs_are_learned():
    merged = [token for token in BYTES.tokens if len(token) > 1]
    assert "Ġfilm" in merged
    assert len(BYTES) == 256 + len(merged)
    assert len(BYTES.encode("the film")) == 2


def test_what_a_person_types_is_never_a_special_token():
    padded = Tokenizer.byte_pairs(["a b"], padded=True)
    assert padded.tokens[:2] == ["[PAD]", "[UNK]"]
    ids = padded.encode("[PAD] [UNK]")
    assert not {0, 1} & set(ids)
    assert padded.decode(ids) == "[PAD] [UNK]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I didn't like it", "i did n't like it"),
        ("i did n't like it", "i did n't like it"),
        ("It's great!", "it 's great !"),
        ("well-made , but CAFÉ", "well - made , but café"),
        ("cafe\u0301", "café"),
    ],
)
def test_words_are_split_as_in_the_treebank(text, words):
    tokenizer = Tokenizer.words([text])
    assert [tokenizer.tokens[i] for i in tokenizer.encode(text)] == words.split()


def test_frequent_words_come_first_and_the_others_are_unknown():
    tokenizer = Tokenizer.words(["b b b a a c", "c a d"], max_size=5, min_count=2)
    assert tokenizer.tokens == ["[PAD]", "[UNK]", "a", "b", "c"]
    assert tokenizer.encode("d c e") == [1, 4, 1]
    assert Tokenizer.words(["b b a"], min_count=2).tokens == ["[PAD]", "[UNK]", "b"]


@pytest.mark.parametrize("kind", ["words", "byte_pairs", "characters"])
def test_a_saved_vocabulary_is_the_same(tmp_path, kind):
    texts = ["it was n't a good\nfilm 🎉", "not bad"]
    tokenizer = getattr(Tokenizer, kind)(texts)
    tokenizer.save(tmp_path / "new" / "tokenizer.json")
    again = Tokenizer.load(tmp_path / "new" / "tokenizer.json")
    assert again.kind == tokenizer.kind == kind
    assert again.tokens == tokenizer.tokens
    assert again.encode_all(texts) == tokenizer.encode_all(texts)
    assert again.decode(again.encode(texts[0])) == tokenizer.decode(tokenizer.encode(texts[0]))


def test_an_unknown_character_is_one_sentence():
    with pytest.raises(DataError, match="the character 'é' does not occur in the text"):
        Tokenizer.characters(["cafe"]).encode("café")


def test_a_file_that_is_no_vocabulary_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="there is no tokenizer in"):
        Tokenizer.load(tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(DataError, match=r"is not a tokenizer\.json"):
        Tokenizer.load(tmp_path / "tokenizer.json")
