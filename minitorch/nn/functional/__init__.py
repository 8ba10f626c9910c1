"""The stateless functions behind the layers, by torch's names."""

from minitorch.nn.functional.activation import (
    celu,
    celu_,
    elu,
    elu_,
    gelu,
    glu,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    leaky_relu,
    leaky_relu_,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    relu_,
    rrelu,
    rrelu_,
    selu,
    selu_,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
    tanhshrink,
    threshold,
    threshold_,
)
from minitorch.nn.functional.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from minitorch.nn.functional.attention import scaled_dot_product_attention
from minitorch.nn.functional.classification import cross_entropy, nll_loss
from minitorch.nn.functional.conv import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d
from minitorch.nn.functional.distance import cosine_similarity, normalize, pairwise_distance
from minitorch.nn.functional.distance_loss import (
    cosine_embedding_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from minitorch.nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from minitorch.nn.functional.embedding import embedding
from minitorch.nn.functional.embedding_bag import embedding_bag
from minitorch.nn.functional.grid_sampling import affine_grid, grid_sample
from minitorch.nn.functional.interpolation import interpolate
from minitorch.nn.functional.likelihood import gaussian_nll_loss, poisson_nll_loss
from minitorch.nn.functional.linear import bilinear, linear
from minitorch.nn.functional.local_response import local_response_norm
from minitorch.nn.functional.margin_loss import (
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from minitorch.nn.functional.multi_head_attention import multi_head_attention_forward
from minitorch.nn.functional.normalization import batch_norm, group_norm, instance_norm
from minitorch.nn.functional.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from minitorch.nn.functional.pooling3d import (
    adaptive_avg_pool3d,
    adaptive_max_pool3d,
    avg_pool3d,
    max_pool3d,
)
from minitorch.nn.functional.power_pooling import lp_pool1d, lp_pool2d, lp_pool3d
from minitorch.nn.functional.probability import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    kl_div,
)
from minitorch.nn.functional.regression import (
    hinge_embedding_loss,
    huber_loss,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    smooth_l1_loss,
)
from minitorch.nn.functional.row_norm import layer_norm, rms_norm
from minitorch.nn.functional.shrinkage import hardshrink, softshrink
from minitorch.nn.functional.shuffling import channel_shuffle, pixel_shuffle, pixel_unshuffle
from minitorch.nn.functional.softmax import gumbel_softmax, log_softmax, softmax, softmin
from minitorch.nn.functional.unpooling import max_unpool1d, max_unpool2d
from minitorch.nn.functional.upsampling import upsample, upsample_bilinear, upsample_nearest
from minitorch.nn.functional.vision import fold, unfold
from minitorch.ops import one_hot, pad

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bilinear",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu_",
    "relu6",
    "rms_norm",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]
