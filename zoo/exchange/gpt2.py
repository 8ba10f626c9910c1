"""GPT-2's configuration and weights, for `zoo.transformer.GPT`."""

from __future__ import annotations

import re
from typing import Any

from minitorch import Tensor, nn
from zoo.exchange.configuration import architecture, require, sizes, without_prefix
from zoo.transformer import GPT

TRANSPOSED = re.compile(r"\.(c_attn|c_proj|c_fc)\.weight$")  # kept (in, out) in the files
MASKS = re.compile(r"\.attn\.(masked_)?bias$")  # constants that older files hold


def gpt2(config: dict[str, Any], weights: dict[str, Tensor]) -> tuple[nn.Module, dict[str, Tensor]]:
    """Return a new GPT, and the weights under its names.

    Raises:
        PretrainedError: if the configuration says what GPT cannot do.
    """
    architecture(config, ("GPT2LMHeadModel", "GPT2Model"))
    width = sizes(config, width="n_embd")["width"]
    require(
        config,
        activation_function=("gelu_new", "gelu_pytorch_tanh"),
        layer_norm_epsilon=(1e-5,),
        n_inner=(None, 4 * width),
        scale_attn_weights=(True,),
        scale_attn_by_inverse_layer_idx=(False,),
        reorder_and_upcast_attn=(False, True),  # the same scores
        add_cross_attention=(False,),
    )
    given = without_prefix(weights, "transformer.")
    head = given.pop("lm_head.weight", given.get("wte.weight"))
    model = GPT(
        **sizes(
            config,
            vocab_size="vocab_size",
            context="n_positions",
            layers="n_layer",
            heads="n_head",
            width="n_embd",
        ),
        dropout=float(config.get("resid_pdrop", 0.1)),
        tied=bool(config.get("tie_word_embeddings", True)),
    )
    ours = {
        f"transformer.{name}": tensor.t() if TRANSPOSED.search(name) else tensor
        for name, tensor in given.items()
        if not MASKS.search(name)
    }
    if head is not None:
        ours["lm_head.weight"] = head
    return model, ours
