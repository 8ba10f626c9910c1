"""Files of texts and labels: what is read, and what is said of those that cannot be."""

import numpy as np
import pytest

from zoo.data import DataError
from zoo.text import SST2, RTPolarity, TextFiles
from zoo.text.files import read_labelled, read_pairs, read_text


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_text_is_utf8_with_plain_line_ends_and_without_a_mark(tmp_path):
    path = write(tmp_path, "a.txt", "\ufeffé\r\nb\rc\n")
    assert read_text(path) == "é\nb\nc\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"good\nna\xefve\n", "not UTF-8: byte 0xef in line 2"),
    ],
)
def test_a_bad_text_is_one_sentence(tmp_path, content, message):
    path = write(tmp_path, "a.txt", content)
    with pytest.raises(DataError, match=message) as error:
        read_text(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*nothing\.txt: No such file"):
        read_text(tmp_path / "nothing.txt")


def test_tabs_separate_and_nothing_else_does(tmp_path):
    path = write(tmp_path, "a.tsv", '1\tso "good" , a\x85b\n\n0\tbad\n')
    assert list(read_pairs(path)) == [(1, "1", 'so "good" , a\x85b'), (3, "0", "bad")]


def test_commas_separate_and_quotes_hold_together(tmp_path):
    path = write(tmp_path, "a.csv", 'text,label\n"good, or ""good""",1\nbad,0\n')
    assert list(read_pairs(path)) == [(2, "1", 'good, or "good"'), (3, "0", "bad")]


def test_quotes_hold_lines_together(tmp_path):
    path = write(tmp_path, "a.csv", 'label,text\r\n1,"two\r\nlines"\r\n\r\n0,one\r\n')
    assert list(read_pairs(path)) == [(2, "1", "two\nlines"), (5, "0", "one")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", '1,good\n0,"bad\n1,fine\n', "line 2: unexpected end of data"),
        ("a.csv", '1,good\n0,"so" bad\n1,fine\n', "line 2: .* expected after"),
        ("a.csv", "1,good\n0,bad, really\n", "line 2: expected 2 columns .* got 3 columns"),
        ("a.tsv", "1\tgood\n0\tbad\treally\n", "line 2: expected 2 columns .* got 3 columns"),
        ("a.tsv", "1\tgood\n\tbad\n", "line 2: the label is empty"),
        ("a.tsv", "1\tgood\n0\t \n", "line 2: the text is empty"),
        ("a.tsv", "mood\twords\n1\ta\n1\tb\n0\tc\n0\td\n", "line 1: 'mood' is the label"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        read_labelled(write(tmp_path, name, content))


def test_columns_by_number(tmp_path):
    path = write(tmp_path, "a.tsv", "7\tgood film\tx\tpos\n8\tbad film\ty\tneg\n")
    assert [pair[1:] for pair in read_pairs(path, label_column=3, text_column=1)] == [
        ("pos", "good film"),
        ("neg", "bad film"),
    ]


def test_classes_are_sorted_numbers_by_value(tmp_path):
    path = write(tmp_path, "a.tsv", "10\ta\n9\tb\nfun\tc\n")
    examples, classes = read_labelled(path)
    assert classes == ("9", "10", "fun")
    assert examples.labels.tolist() == [1, 0, 2]


def test_a_row_with_one_column_is_refused_by_its_line(tmp_path):
    path = write(tmp_path, "a.tsv", "1\tgood\njust text\n")
    with pytest.raises(DataError, match="line 2: expected a label and a text, got 1 column"):
        read_labelled(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"\.csv, \.tsv, \.txt"):
        list(read_pairs(write(tmp_path, "a.json", "{}")))


def test_a_header_alone_is_no_data(tmp_path):
    with pytest.raises(DataError, match="no examples"):
        read_labelled(write(tmp_path, "a.tsv", "label\ttext\n"))


@pytest.mark.parametrize("part", ["dev", "test"])
def test_a_label_seen_only_later_is_refused(tmp_path, part):
    train = write(tmp_path, "train.tsv", "good\ta\nbad\tb\n")
    later = write(tmp_path, "later.tsv", "good\ta\nugly\tb\n")
    with pytest.raises(DataError, match=r"later\.tsv, line 2: the label 'ugly' does not occur"):
        TextFiles(str(train), **{part: str(later)}).load()


def test_one_class_cannot_be_learned(tmp_path):
    train = write(tmp_path, "train.tsv", "good\ta\ngood\tb\n")
    with pytest.raises(DataError, match="has one class, 'good'"):
        TextFiles(str(train)).load()


def test_too_few_examples_to_judge_with_is_one_sentence(tmp_path):
    few = write(tmp_path, "train.tsv", "good\ta\nbad\tb\n")
    with pytest.raises(DataError, match=r"has 2 examples, .* data\.test=FILE, or a larger data\."):
        TextFiles(str(few), test_fraction=0.1).load()


def test_what_has_no_file_is_held_out(tmp_path):
    rows = "".join(f"{i % 3}\ttext {i}\n" for i in range(50))
    found = TextFiles(str(write(tmp_path, "train.tsv", rows)), test_fraction=0.2).load()
    assert (len(found.train), found.val, len(found.test)) == (40, None, 10)
    assert not set(found.train.texts) & set(found.test.texts)
    assert found.classes == ("0", "1", "2")


@pytest.fixture
def treebank(tmp_path):
    folder = tmp_path / "sst2"
    folder.mkdir()
    write(folder, "stsa.binary.train", "1 a good film .\n0 a bad film .\n")
    write(folder, "stsa.binary.dev", "1 fine\n")
    write(folder, "stsa.binary.test", "0 very dull .\n")
    phrases = "1\tgood film \n0\tvery dull\n1\tfine .\n0\ta bad film . \n"
    write(folder, "train.tsv", "label\ttext_a\n" + phrases)
    return tmp_path


def test_phrases_are_added_but_for_sentences_of_the_other_parts(treebank):
    assert SST2(str(treebank), phrases=False).load().train.texts == [
        "a good film .",
        "a bad film .",
    ]
    found = SST2(str(treebank)).load()
    assert found.train.texts == ["a good film .", "a bad film .", "good film"]
    assert found.train.labels.tolist() == [1, 0, 1]
    assert (found.val.texts, found.test.texts) == (["fine"], ["very dull ."])


def test_a_damaged_treebank_is_refused(treebank):
    write(treebank / "sst2", "stsa.binary.dev", "1 fine\n2 dull\n")
    with pytest.raises(DataError, match=r"dev, line 2: expected 0 or 1"):
        SST2(str(treebank)).load()


@pytest.mark.parametrize("source", [SST2, RTPolarity])
def test_a_missing_folder_says_what_to_do(tmp_path, source):
    with pytest.raises(DataError, match=r"point data\.root at the folder that holds"):
        source(str(tmp_path)).load()


def test_film_reviews_are_dealt_out_once_and_for_all(tmp_path):
    folder = tmp_path / "rt-polarity"
    folder.mkdir()
    write(folder, "rt-polarity.pos", "".join(f"good {i} \n" for i in range(50)) + "good 1\n")
    write(folder, "rt-polarity.neg", "".join(f"bad {i} \n" for i in range(50)))
    first, again = (RTPolarity(str(tmp_path)).load() for _ in range(2))
    assert first.test.texts == again.test.texts
    parts = [first.train, first.val, first.test]
    assert [len(part) for part in parts] == [80, 10, 10]
    texts = [text for part in parts for text in part.texts]
    assert len(set(texts)) == 100
    for part in parts:
        assert [int(text.startswith("good")) for text in part.texts] == part.labels.tolist()


@pytest.mark.data
def test_the_real_sets_have_the_published_sizes(data_root):
    found = SST2(str(data_root), phrases=False).load()
    assert [len(part) for part in (found.train, found.val, found.test)] == [6920, 872, 1821]
    assert np.bincount(found.test.labels).tolist() == [912, 909]
    reviews = RTPolarity(str(data_root)).load()
    assert len(reviews.test) == len(reviews.val) > 1000
