"""Folders of the hub and checkpoint files: what is refused, and by which name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitorch
from zoo.exchange import load_huggingface, load_resnet
from zoo.exchange.folder import read_tokenizer, read_weights
from zoo.pretrained.errors import PretrainedError
from zoo.resnet import CifarResNet, resnet20
from zoo.transformer import GPT

CONFIG = {
    "model_type": "gpt2",
    "vocab_size": 11,
    "n_positions": 6,
    "n_embd": 8,
    "n_layer": 1,
    "n_head": 2,
}


def gpt2_weights(model: GPT) -> dict[str, Any]:
    """Weights as GPT-2's files have them: matrices (in, out), no prefix, no output layer."""
    transposed = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    return {
        name.removeprefix("transformer."): tensor.t() if name.endswith(transposed) else tensor
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a small GPT-2 in two shards."""
    weights = gpt2_weights(GPT(11, context=6, layers=1, heads=2, width=8))
    names = list(weights)
    shards = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for shard, held in shards.items():
        minitorch.save({name: weights[name] for name in held}, tmp_path / shard)
    places = {name: shard for shard, held in shards.items() for name in held}
    write(tmp_path, "model.safetensors.index.json", {"weight_map": places})
    write(tmp_path, "config.json", CONFIG)
    return tmp_path


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(json.dumps(content))


def test_shards_make_one_model(folder: Path) -> None:
    loaded = load_huggingface(folder)
    assert isinstance(loaded.model, GPT)
    assert not loaded.model.training
    assert loaded.tokenizer is None
    assert loaded.labels == ()
    with pytest.raises(PretrainedError, match=r"has no tokenizer: put tokenizer\.json"):
        loaded.encode(["text"])


@pytest.mark.parametrize(
    "name", ["../a.safetensors", "/etc/passwd", "sub/a.safetensors", "..", "c.safetensors", "a\\b"]
)
def test_an_index_names_files_beside_it(name: str, folder: Path) -> None:
    write(folder, "model.safetensors.index.json", {"weight_map": {"wte.weight": name}})
    with pytest.raises(PretrainedError, match="which is no file beside it"):
        load_huggingface(folder)


@pytest.mark.parametrize("index", [{}, {"weight_map": []}, {"weight_map": {"a": 3}}])
def test_an_index_without_a_map(index: Any, folder: Path) -> None:
    write(folder, "model.safetensors.index.json", index)
    with pytest.raises(PretrainedError, match="has no weight_map"):
        read_weights(folder)


def test_a_shard_that_lacks_what_the_index_says(folder: Path) -> None:
    write(folder, "model.safetensors.index.json", {"weight_map": {"nothing": "a.safetensors"}})
    with pytest.raises(PretrainedError, match=r"a\.safetensors lacks nothing"):
        load_huggingface(folder)


def test_key_mismatches_are_told_all_at_once(folder: Path) -> None:
    write(folder, "config.json", {**CONFIG, "n_layer": 2, "n_positions": 7})
    with pytest.raises(RuntimeError) as error:
        load_huggingface(folder)
    text = str(error.value)
    assert text.count("transformer.h.1.") == 12
    assert "Missing key(s) in state_dict" in text
    assert "size mismatch for transformer.wpe.weight" in text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"model_type": "t5"}, "model_type 't5' is not supported, only gpt2, bert, distilbert are"),
        ({"n_layer": "two"}, "n_layer must be a positive integer, got two"),
        ({"n_head": None}, "n_head must be a positive integer"),
        ({"architectures": ["GPT2ForTokenClassification"]}, "GPT2ForTokenClassification"),
    ],
)
def test_configurations(changes: dict[str, Any], text: str, folder: Path) -> None:
    write(folder, "config.json", {**CONFIG, **changes})
    with pytest.raises(PretrainedError, match=text):
        load_huggingface(folder)


def test_what_is_no_folder_of_the_hub(tmp_path: Path) -> None:
    with pytest.raises(PretrainedError, match=r"has no config\.json"):
        load_huggingface(tmp_path)
    (tmp_path / "config.json").write_text("[")
    with pytest.raises(PretrainedError, match="is no JSON"):
        load_huggingface(tmp_path)
    write(tmp_path, "config.json", [])
    with pytest.raises(PretrainedError, match="no JSON object"):
        load_huggingface(tmp_path)
    write(tmp_path, "config.json", CONFIG)
    with pytest.raises(PretrainedError, match=r"neither model\.safetensors nor pytorch_model\.bin"):
        load_huggingface(tmp_path)


# ---------------------------------------------------------------------- tokenizers


def test_a_vocabulary_of_word_pieces(tmp_path: Path) -> None:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "film", "##s", "a", "Good"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n")
    tokenizer = read_tokenizer(tmp_path)
    assert tokenizer.encode("Good films").ids == [2, 5, 6, 7, 3]
    write(tmp_path, "tokenizer_config.json", {"do_lower_case": False})
    assert read_tokenizer(tmp_path).encode("Good film").ids == [2, 9, 6, 3]


def test_a_vocabulary_of_byte_pairs(tmp_path: Path) -> None:
    write(tmp_path, "vocab.json", {"a": 0, "b": 1, "ab": 2, "\u0120": 3})
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    assert read_tokenizer(tmp_path).encode("ab a").ids == [2, 3, 0]


def test_tokenizer_json_and_padding(folder: Path) -> None:
    import tokenizers

    backend = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 3, "b": 4, "?": 0}, "?"))
    backend.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    backend.save(str(folder / "tokenizer.json"))
    loaded = load_huggingface(folder)
    ids, padding = loaded.encode(["a b a", "b"])
    assert ids.tolist() == [[3, 4, 3], [4, 0, 0]]
    assert padding.tolist() == [[False] * 3, [False, True, True]]
    assert loaded.model(ids).shape == (2, 3, 11)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(PretrainedError, match="tokenizer cannot be read"):
        load_huggingface(folder)


# ---------------------------------------------------------------------- residual networks


def test_a_cifar_resnet_says_what_it_is(tmp_path: Path) -> None:
    model = resnet20(num_classes=3, in_channels=1).eval()
    wrapped = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
    minitorch.save({"best": 1.0, "state_dict": wrapped}, tmp_path / "x.pth", format="torch")
    loaded = load_resnet(tmp_path / "x.pth")
    assert isinstance(loaded, CifarResNet)
    x = minitorch.randn(2, 1, 8, 8)
    np.testing.assert_array_equal(loaded(x).detach().numpy(), model(x).detach().numpy())


def test_what_is_no_resnet(tmp_path: Path) -> None:
    minitorch.save({"a.weight": minitorch.ones(2)}, tmp_path / "x.safetensors")
    with pytest.raises(PretrainedError, match=r"no residual network: conv1\.weight is not among"):
        load_resnet(tmp_path / "x.safetensors")
    minitorch.save(resnet20().state_dict(), tmp_path / "x.pth", format="torch")
    weights = minitorch.load(tmp_path / "x.pth")
    del weights["layer1.0.bn1.bias"], weights["layer3.2.conv1.weight"]
    minitorch.save(weights, tmp_path / "y.pth", format="torch")
    with pytest.raises(RuntimeError, match=r"layer1\.0\.bn1\.bias.*layer3\.2\.conv1\.weight"):
        load_resnet(tmp_path / "y.pth")


@pytest.mark.data
def test_the_published_accuracy_of_the_shared_checkpoint(data_root: Path) -> None:
    """91.7 % on the 10,000 test images of CIFAR-10: an error of 8.27 %, as its authors say."""
    from zoo.data import CIFAR10

    path = data_root.parent / "checkpoints" / "resnet20-12fca82f.th"
    if not path.is_file():
        pytest.skip("the checkpoint is not here")
    model, test = load_resnet(path), CIFAR10(str(data_root)).load().test
    mean = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
    std = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]
    right = 0
    with minitorch.inference_mode():
        for start in range(0, len(test), 500):
            batch = test.images[start : start + 500].astype(np.float32) / 255
            scores = model(minitorch.from_numpy((batch - mean) / std)).numpy()
            right += int((scores.argmax(1) == test.labels[start : start + 500]).sum())
    assert 1 - right / len(test) == pytest.approx(0.0827, abs=0.0002)
