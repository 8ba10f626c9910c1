"""The commands: training, TensorBoard, writing, and short sentences for what is impossible."""

import json
import sys
import time

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import minitorch
from zoo.text import Tokenizer
from zoo.transformer import TextCNN, TransformerClassifier, baseline, generate, train, train_gpt

SMALL = (
    "trainer.keep_memory=false",
    "trainer.num_threads=1",
    "trainer.max_epochs=1",
    "trainer.log_every_steps=1",
)
CLASSIFIER = (*SMALL, "data.sentences=64", "model.d_model=8", "model.nhead=2", "data.batch_size=16")
DECODER = (
    *SMALL,
    "data.sentences=60",
    "data.context=16",
    "data.steps_per_epoch=3",
    "model.layers=2",
    "model.heads=2",
    "model.width=8",
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in this process, in an empty folder: the exit code and the run folder."""
    monkeypatch.chdir(tmp_path)

    def call(module, *arguments):
        code = 0
        try:
            module.main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        folders = sorted(path.parent for path in tmp_path.glob("runs/**/result.json"))
        return code, folders[-1] if folders else None

    return call


def events(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"images": 0, "tensors": 0})
    accumulator.Reload()
    return accumulator.Tags()


def test_the_classifier_leaves_vocabulary_weights_and_pictures(run):
    code, folder = run(train, *CLASSIFIER)
    assert code == 0
    tokenizer = Tokenizer.load(folder / "checkpoints" / "tokenizer.json")
    model = TransformerClassifier(len(tokenizer), 2, d_model=8, nhead=2)
    model.load_state_dict(minitorch.load(folder / "checkpoints" / "best.safetensors"))
    tags = events(folder)
    assert {"attention/0", "attention/2", "test/confusion"} <= set(tags["images"])
    assert "val/mistakes/text_summary" in tags["tensors"]
    assert {"step/loss", "lr", "val/accuracy"} <= set(tags["scalars"])
    words = (folder / "embeddings_words.tsv").read_text().splitlines()
    vectors = np.loadtxt(folder / "embeddings_vectors.tsv")
    assert vectors.shape == (len(words), 8) == (len(tokenizer), 8)
    assert "embeddings_words.tsv" in (folder / "projector_config.pbtxt").read_text()
    result = json.loads((folder / "result.json").read_text())
    assert result["zoo"] == "transformer"


def test_filters_train_without_attention_to_draw(run):
    small = ("model=text_cnn", "model.d_model=8", "model.channels=4", "data.sentences=64")
    code, folder = run(train, *SMALL, *small, "data.batch_size=16")
    assert code == 0
    tokenizer = Tokenizer.load(folder / "checkpoints" / "tokenizer.json")
    model = TextCNN(len(tokenizer), 2, d_model=8, channels=4)
    model.load_state_dict(minitorch.load(folder / "checkpoints" / "best.safetensors"))
    assert not any(tag.startswith("attention") for tag in events(folder)["images"])
    assert (folder / "embeddings_words.tsv").is_file()


def test_the_decoder_trains_and_writes(run, capsys):
    code, folder = run(train_gpt, *DECODER)
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    test = result["test"]
    assert test["perplexity"] == pytest.approx(np.exp(test["loss"]))
    assert test["bits_per_character"] == pytest.approx(test["loss"] / np.log(2))
    tags = events(folder)
    assert "sample/text_summary" in tags["tensors"]
    assert "attention/0" in tags["images"]
    capsys.readouterr()
    options = ["--prompt", "the film", "--tokens", "30", "--seed", "3"]
    assert run(generate, *options)[0] == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("the film")
    assert len(shown.out) == len("the film") + 30 + 1
    assert "30 tokens" in shown.err
    assert run(generate, str(folder), *options, "--no-cache")[0] == 0
    assert capsys.readouterr().out == shown.out


def test_bits_a_character_of_byte_pairs_count_characters(run):
    code, folder = run(train_gpt, *DECODER, "data.tokenizer=byte_pairs", "data.vocab_size=280")
    assert code == 0
    test = json.loads((folder / "result.json").read_text())["test"]
    assert test["bits_per_character"] < 0.9 * test["loss"] / np.log(2)


@pytest.mark.parametrize(
    ("module", "overrides", "code", "sentence"),
    [
        (train, ["data=text_files"], 2, "train must name a .tsv, .txt or .csv file"),
        (train, ["data=text_files", "data.train=no.tsv"], 1, "cannot read no.tsv"),
        (train, ["data=sst2"], 1, "point data.root at the folder that holds sst2/"),
        (train, ["data.tokenizer=letters"], 2, "tokenizer must be one of words, byte_pairs"),
        (train, ["model.pooling=sum"], 2, "pooling must be one of"),
        (train, ["data.word_dropout=2"], 2, "word_dropout must be"),
        (train_gpt, ["data=text"], 2, "path must name a text file"),
        (train_gpt, ["data=shakespeare"], 1, "data=text data.path=FILE"),
        (
            train_gpt,
            ["experiment=gpt_shakespeare_char", "optimizer=sgd"],
            2,
            "experiment=gpt_shakespeare_char sets optimizer.betas, which optimizer=sgd does not",
        ),
        (train, ["data=digits"], 2, "data=digits: zoo=transformer has no model of such data"),
        (train, ["model=gpt", "data.sentences=64"], 2, "zoo.transformer.train_gpt trains it"),
        (train_gpt, ["task=classification", "data.sentences=64"], 2, "choose task=language_mod"),
        (
            train_gpt,
            ["data=sentiment", "data.context=3"],
            2,
            "data.context: no such key; keys of data: tokenizer",
        ),
        (train_gpt, ["model.heads=3"], 2, "width must be divisible by heads"),
        (train_gpt, ["data.context=100000", "data.sentences=60"], 1, "give it more text"),
        (baseline, ["data=nothing"], 2, "choose one of"),
        (baseline, ["data=sst2"], 1, "point data.root"),
        (baseline, ["data=digits"], 1, "data: the baseline counts words of labelled texts"),
        (baseline, ["data.val_fraction=0"], 2, "data: val_fraction must lie between 0 and 1"),
        (generate, [], 2, "make train-gpt"),
        (generate, ["gpt_shakespeare_chr"], 2, "did you mean gpt_shakespeare_char"),
        (generate, ["--tokens", "x"], 2, "must be at least 1, got x"),
        (generate, ["nowhere"], 2, "there is no run folder or model nowhere; python -m zoo list"),
        (generate, ["mlp_digits"], 2, "mlp_digits cannot write text: it is of class MLP"),
        (generate, ["--temperature", "-1"], 2, "temperature must be 0 or a positive number"),
        (generate, ["--tokens", "0"], 2, "must be at least 1"),
    ],
)
def test_a_mistake_is_one_sentence(run, capsys, module, overrides, code, sentence):
    assert run(module, *overrides)[0] == code
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(("content", "sentence"), [(b"", "is empty"), (b"a\xff", "is not UTF-8")])
def test_a_text_that_cannot_be_read_is_one_sentence(run, capsys, tmp_path, content, sentence):
    (tmp_path / "book.txt").write_bytes(content)
    assert run(train_gpt, "data=text", "data.path=book.txt")[0] == 1
    assert sentence in capsys.readouterr().err


def test_a_prompt_with_an_unknown_character_is_one_sentence(run, capsys):
    _, folder = run(train_gpt, *DECODER, "trainer.tensorboard=false")
    capsys.readouterr()
    assert run(generate, str(folder), "--prompt", "ünknown")[0] == 2
    shown = capsys.readouterr()
    assert "the character 'ü' does not occur" in shown.err
    assert shown.out == ""


def set_in_receipt(folder, key, value):
    receipt = json.loads((folder / "result.json").read_text())
    receipt["config"]["model"][key] = value
    (folder / "result.json").write_text(json.dumps(receipt))


def lose_the_settings(folder):
    (folder / "result.json").write_text('{"zoo": "gpt", "config": 3}')


def leave_a_gap(folder):
    path = folder / "checkpoints" / "tokenizer.json"
    vocabulary = json.loads(path.read_text())
    words = vocabulary["model"]["vocab"]
    words[next(iter(words))] = 1000
    path.write_text(json.dumps(vocabulary))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lose_the_settings, "result.json is no receipt of a run"),
        (lambda folder: set_in_receipt(folder, "width", "wide"), "does not fit"),
        (
            lambda folder: set_in_receipt(folder, "width", 16),
            "result.json and the vocabulary beside",
        ),
        (leave_a_gap, "the vocabulary has no token"),
    ],
)
def test_a_damaged_run_folder_is_one_sentence(run, capsys, damage, sentence):
    _, folder = run(train_gpt, *DECODER, "trainer.tensorboard=false", "trainer.max_steps=1")
    damage(folder)
    capsys.readouterr()
    assert run(generate, str(folder), "--prompt", "the")[0] == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_classifier_cannot_write(run, capsys):
    _, folder = run(train, *CLASSIFIER, "trainer.tensorboard=false")
    capsys.readouterr()
    assert run(generate, str(folder))[0] == 2
    assert "holds a transformer, which cannot write text" in capsys.readouterr().err


def test_a_prompt_from_standard_input(run, capsys, monkeypatch):
    _, folder = run(train_gpt, *DECODER, "trainer.tensorboard=false")
    capsys.readouterr()
    monkeypatch.setattr(sys.stdin, "read", lambda: "the plot")
    assert run(generate, str(folder), "--prompt", "-", "--tokens", "5")[0] == 0
    assert capsys.readouterr().out.startswith("the plot")


def test_trained_weights_bring_their_vocabulary(run, tmp_path):
    """Rows of an embedding mean the words that they were trained with."""
    _, folder = run(train, *CLASSIFIER, "trainer.tensorboard=false")
    words = Tokenizer.load(folder / "checkpoints" / "tokenizer.json").tokens
    texts = [f"{label}\tthe film {word} was {word}" for label in "ab" for word in words[5:40]]
    (tmp_path / "own.tsv").write_text("label\ttext\n" + "\n".join(texts) + "\n")
    own = ("data=text_files", "data.train=own.tsv", "data.test=own.tsv", f"pretrained={folder}")
    small = [text for text in CLASSIFIER if not text.startswith("data.sentences")]
    code, tuned = run(train, *own, *small, "trainer.tensorboard=false", "finetune.backbone_lr=0")
    assert code == 0
    assert Tokenizer.load(tuned / "checkpoints" / "tokenizer.json").tokens == words
    one, other = (
        minitorch.load(path / "checkpoints" / "best.safetensors") for path in (folder, tuned)
    )
    assert (one["embedding.weight"] == other["embedding.weight"]).all()
    assert (one["classifier.weight"] != other["classifier.weight"]).any()
    (folder / "checkpoints" / "tokenizer.json").unlink()
    assert run(train, *own, *small)[0] == 2


def test_an_interrupted_run_goes_on_exactly(run, tmp_path):
    settings = [*DECODER, "trainer.tensorboard=false", "trainer.max_epochs=2", "scheduler=none"]
    whole = run(train_gpt, *settings, "hydra.run.dir=runs/whole")[1]
    half = run(train_gpt, *settings, "trainer.max_steps=4", "hydra.run.dir=runs/half")[1]
    run(train_gpt, "resume=runs/half", "trainer.max_steps=null")
    weights = [
        minitorch.load(tmp_path / "runs" / name / "checkpoints" / "last.safetensors")["learner"]
        for name in ("whole", "half")
    ]
    assert whole != half or half is not None
    for name, value in weights[0]["model"].items():
        assert (value.numpy() == weights[1]["model"][name].numpy()).all(), name


def test_the_baseline_explains_itself(capsys):
    with pytest.raises(SystemExit) as end:
        baseline.main(["--help"])
    assert end.value.code == 0
    assert "KEY=VALUE" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.long
def test_the_default_recipe_reaches_97_percent_of_new_sentences(run):
    began = time.process_time()
    code, folder = run(train, "experiment=transformer_sentiment", "trainer.keep_memory=false")
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["test"]["accuracy"] >= 0.97
    assert time.process_time() - began < 2 * 120  # two minutes on two cores that are free


@pytest.mark.slow
@pytest.mark.long
def test_the_default_decoder_learns_to_write_sentences(run):
    code, folder = run(train_gpt, "trainer.keep_memory=false", "trainer.max_epochs=1")
    assert code == 0
    assert json.loads((folder / "result.json").read_text())["test"]["bits_per_character"] < 0.8
