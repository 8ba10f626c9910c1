"""BERT's and DistilBERT's configurations and weights, for `zoo.transformer.Bert`."""

from __future__ import annotations

import re
from typing import Any

import minitorch
from minitorch import Tensor, nn
from zoo.exchange.configuration import architecture, require, sizes, without_prefix
from zoo.transformer import Bert, BertClassifier, BertMaskedLM

# Their names, as patterns, and ours; N is the number of a block.
_BERT = {
    r"embeddings\.word_embeddings": "embeddings.word",
    r"embeddings\.position_embeddings": "embeddings.position",
    r"embeddings\.token_type_embeddings": "embeddings.kind",
    r"embeddings\.LayerNorm": "embeddings.norm",
    r"encoder\.layer\.(\d+)\.attention\.self\.(query|key|value)": r"layers.\1.\2",
    r"encoder\.layer\.(\d+)\.attention\.output\.dense": r"layers.\1.self_attn.out_proj",
    r"encoder\.layer\.(\d+)\.attention\.output\.LayerNorm": r"layers.\1.norm1",
    r"encoder\.layer\.(\d+)\.intermediate\.dense": r"layers.\1.linear1",
    r"encoder\.layer\.(\d+)\.output\.dense": r"layers.\1.linear2",
    r"encoder\.layer\.(\d+)\.output\.LayerNorm": r"layers.\1.norm2",
}
_DISTILBERT = {
    r"embeddings\.word_embeddings": "embeddings.word",
    r"embeddings\.position_embeddings": "embeddings.position",
    r"embeddings\.LayerNorm": "embeddings.norm",
    r"transformer\.layer\.(\d+)\.attention\.q_lin": r"layers.\1.query",
    r"transformer\.layer\.(\d+)\.attention\.k_lin": r"layers.\1.key",
    r"transformer\.layer\.(\d+)\.attention\.v_lin": r"layers.\1.value",
    r"transformer\.layer\.(\d+)\.attention\.out_lin": r"layers.\1.self_attn.out_proj",
    r"transformer\.layer\.(\d+)\.sa_layer_norm": r"layers.\1.norm1",
    r"transformer\.layer\.(\d+)\.ffn\.lin1": r"layers.\1.linear1",
    r"transformer\.layer\.(\d+)\.ffn\.lin2": r"layers.\1.linear2",
    r"transformer\.layer\.(\d+)\.output_layer_norm": r"layers.\1.norm2",
}
_HEADS = {
    r"pooler\.dense": "pooler",
    r"pre_classifier": "pooler",
    r"classifier": "classifier",
    r"cls\.predictions\.transform\.dense": "transform",
    r"cls\.predictions\.transform\.LayerNorm": "norm",
    r"cls\.predictions\.decoder": "decoder",
    r"cls\.predictions": "decoder",  # its bias, in older files
    r"vocab_transform": "transform",
    r"vocab_layer_norm": "norm",
    r"vocab_projector": "decoder",
}
_UNUSED = re.compile(r"embeddings\.position_ids$|^cls\.seq_relationship\.")

_Result = tuple[nn.Module, dict[str, Tensor]]


def bert(config: dict[str, Any], weights: dict[str, Tensor]) -> _Result:
    """Return a new model of BERT's kind, and the weights under its names.

    Raises:
        PretrainedError: if the configuration says what the model cannot do.
    """
    kind = architecture(
        config,
        ("BertModel", "BertForSequenceClassification", "BertForMaskedLM", "BertForPreTraining"),
    )
    require(
        config,
        hidden_act=("gelu", "relu"),
        position_embedding_type=("absolute",),
        is_decoder=(False,),
        add_cross_attention=(False,),
    )
    eps = float(config.get("layer_norm_eps", 1e-12))
    encoder = Bert(
        **sizes(
            config,
            vocab_size="vocab_size",
            width="hidden_size",
            layers="num_hidden_layers",
            heads="num_attention_heads",
            hidden="intermediate_size",
            max_length="max_position_embeddings",
            types="type_vocab_size",
        ),
        dropout=float(config.get("hidden_dropout_prob", 0.1)),
        activation=config.get("hidden_act", "gelu"),
        eps=eps,
        padding_idx=config.get("pad_token_id", 0),
    )
    given = without_prefix(weights, "bert.")
    if kind == "BertForSequenceClassification":
        return BertClassifier(encoder, _classes(config)), _renamed(given, _BERT, "bert.")
    given = {name: tensor for name, tensor in given.items() if not name.startswith("pooler.")}
    if kind == "BertModel":
        return encoder, _renamed(given, _BERT, "")
    model = BertMaskedLM(encoder, config.get("hidden_act", "gelu"), eps)
    return model, _tied(_renamed(given, _BERT, "bert."))


def distilbert(config: dict[str, Any], weights: dict[str, Tensor]) -> _Result:
    """Return a new model of DistilBERT's kind, and the weights under its names.

    Raises:
        PretrainedError: if the configuration says what the model cannot do.
    """
    kind = architecture(
        config, ("DistilBertModel", "DistilBertForSequenceClassification", "DistilBertForMaskedLM")
    )
    require(config, activation=("gelu", "relu"))
    encoder = Bert(
        **sizes(
            config,
            vocab_size="vocab_size",
            width="dim",
            layers="n_layers",
            heads="n_heads",
            hidden="hidden_dim",
            max_length="max_position_embeddings",
        ),
        types=0,
        dropout=float(config.get("dropout", 0.1)),
        activation=config.get("activation", "gelu"),
        padding_idx=config.get("pad_token_id", 0),
    )
    given = without_prefix(weights, "distilbert.")
    if kind == "DistilBertModel":
        return encoder, _renamed(given, _DISTILBERT, "")
    renamed = _renamed(given, _DISTILBERT, "bert.")
    if kind == "DistilBertForMaskedLM":
        return BertMaskedLM(encoder, config.get("activation", "gelu")), _tied(renamed)
    dropout = float(config.get("seq_classif_dropout", 0.2))
    return BertClassifier(encoder, _classes(config), "relu", dropout), renamed


def _classes(config: dict[str, Any]) -> int:
    return len(config.get("id2label") or {}) or int(config.get("num_labels", 2))


def _renamed(weights: dict[str, Tensor], names: dict[str, str], prefix: str) -> dict[str, Tensor]:
    """Return the weights under our names, `prefix` before those of the encoder.

    A name that is not known stays as it is, so that it is reported as unexpected.
    """
    ours: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        if _UNUSED.search(name):
            continue
        module, _, leaf = name.rpartition(".")
        leaf = {"gamma": "weight", "beta": "bias"}.get(leaf, leaf)  # of TensorFlow
        ours[_rename(module, names, prefix) + f".{leaf}"] = tensor
    return _joined(ours)


def _rename(module: str, names: dict[str, str], prefix: str) -> str:
    for table, start in ((names, prefix), (_HEADS, "")):
        for theirs, ours in table.items():
            match = re.fullmatch(theirs, module)
            if match is not None:
                return start + match.expand(ours)
    return module


def _joined(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Put query, key and value of a block into one matrix, as `nn.MultiheadAttention` has them."""
    result = dict(weights)
    for name in weights:
        match = re.fullmatch(r"(.*layers\.\d+)\.query\.(weight|bias)", name)
        if match is None:
            continue
        block, leaf = match.groups()
        parts = [f"{block}.{part}.{leaf}" for part in ("query", "key", "value")]
        if all(part in result for part in parts):
            joined = minitorch.cat([result.pop(part) for part in parts])
            result[f"{block}.self_attn.in_proj_{leaf}"] = joined
    return result


def _tied(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add the output layer's weight where the file leaves out what it shares."""
    word = weights.get("bert.embeddings.word.weight")
    return weights if word is None else {"decoder.weight": word} | weights
