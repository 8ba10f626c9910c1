"""Models of the original libraries, made small and at random, give the same scores in the zoo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import minitorch
from zoo.exchange import load_huggingface, load_resnet
from zoo.pretrained.errors import PretrainedError

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

GPT2 = {"vocab_size": 61, "n_positions": 24, "n_embd": 32, "n_layer": 3, "n_head": 4}
BERT = {
    "vocab_size": 61,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 24,
    "num_labels": 5,
}
DISTILBERT = {
    "vocab_size": 61,
    "dim": 32,
    "n_layers": 3,
    "n_heads": 4,
    "hidden_dim": 48,
    "max_position_embeddings": 24,
    "num_labels": 5,
}
MODELS: dict[str, tuple[str, dict[str, int]]] = {
    "GPT2LMHeadModel": ("GPT2Config", GPT2),
    "GPT2Model": ("GPT2Config", GPT2),
    "BertModel": ("BertConfig", BERT),
    "BertForSequenceClassification": ("BertConfig", BERT),
    "BertForMaskedLM": ("BertConfig", BERT),
    "BertForPreTraining": ("BertConfig", BERT),
    "DistilBertModel": ("DistilBertConfig", DISTILBERT),
    "DistilBertForSequenceClassification": ("DistilBertConfig", DISTILBERT),
    "DistilBertForMaskedLM": ("DistilBertConfig", DISTILBERT),
}


def original(name: str, **changes: Any) -> Any:
    """A small model with random weights, biases and normalizations too."""
    config, settings = MODELS[name]
    torch.manual_seed(0)
    model = getattr(transformers, name)(getattr(transformers, config)(**settings, **changes))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def scores_of(output: Any) -> np.ndarray:
    names = ("logits", "prediction_logits", "last_hidden_state")
    return next(output[name] for name in names if name in output).detach().numpy()


IDS = np.random.default_rng(0).integers(1, 61, (3, 11))
PADDING = np.arange(11) >= np.array([[11], [7], [4]])


@pytest.mark.parametrize("shards", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_scores_are_those_of_the_original_library(name: str, shards: bool, tmp_path: Path) -> None:
    model = original(name)
    model.save_pretrained(tmp_path, max_shard_size="20KB" if shards else "5GB")
    assert (tmp_path / "model.safetensors.index.json").is_file() == shards
    loaded = load_huggingface(tmp_path).model
    if name.startswith("GPT2"):
        expected = scores_of(model(torch.tensor(IDS)))
        if name == "GPT2Model":  # the features that the scores are made of
            expected = expected @ model.wte.weight.detach().numpy().T
        result = loaded(minitorch.tensor(IDS)).detach().numpy()
        np.testing.assert_allclose(result, expected, atol=1e-4)
        return
    mask = torch.tensor(~PADDING).long()
    expected = scores_of(model(torch.tensor(IDS), attention_mask=mask))
    result = loaded(minitorch.tensor(IDS), minitorch.tensor(PADDING)).detach().numpy()
    if expected.ndim == 3:  # what stands in a gap is nobody's business
        expected, result = expected[~PADDING], result[~PADDING]
    np.testing.assert_allclose(result, expected, atol=1e-4)


@pytest.mark.parametrize("name", ["BertForSequenceClassification", "BertModel"])
def test_two_sentences(name: str, tmp_path: Path) -> None:
    model = original(name)
    model.save_pretrained(tmp_path)
    kinds = (np.arange(11) > 5).astype(np.int64) * np.ones((3, 1), np.int64)
    expected = scores_of(model(torch.tensor(IDS), token_type_ids=torch.tensor(kinds)))
    result = load_huggingface(tmp_path).model(minitorch.tensor(IDS), kinds=minitorch.tensor(kinds))
    np.testing.assert_allclose(result.detach().numpy(), expected, atol=1e-4)


def test_relu_inside(tmp_path: Path) -> None:
    model = original("BertForMaskedLM", hidden_act="relu", layer_norm_eps=1e-5)
    model.save_pretrained(tmp_path)
    result = load_huggingface(tmp_path).model(minitorch.tensor(IDS)).detach().numpy()
    np.testing.assert_allclose(result, scores_of(model(torch.tensor(IDS))), atol=1e-4)


def test_an_older_folder(tmp_path: Path) -> None:
    """pytorch_model.bin, and the names that early versions gave to normalizations."""
    model = original("BertForSequenceClassification")
    model.config.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    weights = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in model.state_dict().items()
    }
    weights["bert.embeddings.position_ids"] = torch.arange(24)[None]
    torch.save(weights, tmp_path / "pytorch_model.bin")
    result = load_huggingface(tmp_path).model(minitorch.tensor(IDS)).detach().numpy()
    np.testing.assert_allclose(result, scores_of(model(torch.tensor(IDS))), atol=1e-4)


def test_half_precision_weights(tmp_path: Path) -> None:
    model = original("GPT2LMHeadModel").to(torch.bfloat16)
    model.save_pretrained(tmp_path)
    result = load_huggingface(tmp_path).model(minitorch.tensor(IDS)).detach().numpy()
    expected = scores_of(model.float()(torch.tensor(IDS)))
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_untied_output_layer(tmp_path: Path) -> None:
    model = original("GPT2LMHeadModel", tie_word_embeddings=False)
    model.save_pretrained(tmp_path)
    result = load_huggingface(tmp_path).model(minitorch.tensor(IDS)).detach().numpy()
    np.testing.assert_allclose(result, scores_of(model(torch.tensor(IDS))), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "changes", "match"),
    [
        ("GPT2LMHeadModel", {"activation_function": "relu"}, "activation_function='relu'"),
        ("GPT2LMHeadModel", {"scale_attn_by_inverse_layer_idx": True}, "inverse_layer_idx=True"),
        ("GPT2LMHeadModel", {"n_inner": 20}, "n_inner=20"),
        ("BertModel", {"hidden_act": "silu"}, "hidden_act='silu'"),
    ],
)
def test_what_is_not_supported_is_named(
    name: str, changes: dict[str, Any], match: str, tmp_path: Path
) -> None:
    original(name, **changes).save_pretrained(tmp_path)
    with pytest.raises(PretrainedError, match=match):
        load_huggingface(tmp_path)


# ---------------------------------------------------------------------- residual networks


class Block(torch.nn.Module):
    """Two 3x3 convolutions and a shortcut, under the names that all such files use."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(width)
        self.conv2 = torch.nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(width)
        self.downsample = None
        if stride > 1:
            self.downsample = torch.nn.Sequential(
                torch.nn.Conv2d(inputs, width, 1, stride, bias=False), torch.nn.BatchNorm2d(width)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(torch.nn.Module):
    """ResNet-18 as torchvision names its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(64)
        for stage, width in enumerate((64, 128, 256, 512), 1):
            inputs, stride = (64, 1) if stage == 1 else (width // 2, 2)
            blocks = torch.nn.Sequential(Block(inputs, width, stride), Block(width, width, 1))
            self.add_module(f"layer{stage}", blocks)
        self.fc = torch.nn.Linear(512, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_resnet_of_torchvision(wrapped: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = ResNet18().eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    path = tmp_path / "resnet18.pth"
    parallel = {"epoch": 3, "state_dict": torch.nn.DataParallel(model).state_dict()}
    torch.save(parallel if wrapped else model.state_dict(), path)
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = model(x).numpy()
    result = load_resnet(path)(minitorch.tensor(x.numpy())).detach().numpy()
    np.testing.assert_allclose(result, expected, atol=1e-4)
