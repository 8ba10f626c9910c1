"""Arrays in, arrays out: every trick for speed lives here, and nowhere else."""

from minitorch.kernels.activation import (
    gelu_erf,
    gelu_erf_gradient,
    gelu_tanh,
    gelu_tanh_gradient,
    relu,
    relu_gradient,
    sigmoid,
    silu,
    silu_gradient,
)
from minitorch.kernels.attention import Attention, Kept, attend, dropout_factors
from minitorch.kernels.attention_gradient import attention_gradients
from minitorch.kernels.average_pooling import average_pool, spread_average
from minitorch.kernels.broadcast import spread_to, sum_leading, sum_to
from minitorch.kernels.convolution import (
    Geometry,
    convolution_gradients,
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    empty_taps,
)
from minitorch.kernels.dropout import dropout_mask
from minitorch.kernels.elementwise import (
    added,
    power,
    sign,
    softplus,
    square,
    xlogy,
)
from minitorch.kernels.error import erf, erfc
from minitorch.kernels.error_inverse import erfinv
from minitorch.kernels.folding import fold, unfold
from minitorch.kernels.indexing import embedding_gradient, put_zeros
from minitorch.kernels.linalg import empty_transposed, linear, linear_weight_gradient, matmul
from minitorch.kernels.loss import softmax_cross_entropy, softmax_cross_entropy_gradient
from minitorch.kernels.max_gradient import bin_indices, pick_taps, spread_taps, tap_indices
from minitorch.kernels.max_pooling import max_pool, max_pool_taps
from minitorch.kernels.memory import is_whole, keep_memory, outermost_first, references, shared
from minitorch.kernels.normalization import (
    batch_moments,
    batch_norm,
    batch_norm_gradients,
    fixed_norm_gradients,
    full_precision,
    group_moments,
    group_norm,
    group_norm_gradients,
)
from minitorch.kernels.padding import Border, add_borders, pad_constant, pad_from_inside
from minitorch.kernels.recurrent import recur, recur_gradients
from minitorch.kernels.resampling import Table, resample
from minitorch.kernels.row_norm import (
    layer_norm,
    layer_norm_gradients,
    rms_norm,
    rms_norm_gradients,
)
from minitorch.kernels.sequences import Past, Walk, Weights
from minitorch.kernels.softmax import (
    log_softmax,
    log_softmax_gradient,
    softmax,
    softmax_gradient,
)
from minitorch.kernels.threads import (
    get_num_threads,
    one_for_blas,
    set_num_threads,
    start_over,
    work_is_shared,
)
from minitorch.kernels.update import blend, blend_square, temporary
from minitorch.kernels.windows import Bins, Windows, memory_order

__all__ = [
    "Attention",
    "Bins",
    "Border",
    "Geometry",
    "Kept",
    "Past",
    "Table",
    "Walk",
    "Weights",
    "Windows",
    "add_borders",
    "added",
    "attend",
    "attention_gradients",
    "average_pool",
    "batch_moments",
    "batch_norm",
    "batch_norm_gradients",
    "bin_indices",
    "blend",
    "blend_square",
    "convolution_gradients",
    "convolution_input_gradient",
    "convolution_weight_gradient",
    "convolve",
    "dropout_factors",
    "dropout_mask",
    "embedding_gradient",
    "empty_taps",
    "empty_transposed",
    "erf",
    "erfc",
    "erfinv",
    "fixed_norm_gradients",
    "fold",
    "full_precision",
    "gelu_erf",
    "gelu_erf_gradient",
    "gelu_tanh",
    "gelu_tanh_gradient",
    "get_num_threads",
    "group_moments",
    "group_norm",
    "group_norm_gradients",
    "is_whole",
    "keep_memory",
    "layer_norm",
    "layer_norm_gradients",
    "linear",
    "linear_weight_gradient",
    "log_softmax",
    "log_softmax_gradient",
    "matmul",
    "max_pool",
    "max_pool_taps",
    "memory_order",
    "one_for_blas",
    "outermost_first",
    "pad_constant",
    "pad_from_inside",
    "pick_taps",
    "power",
    "put_zeros",
    "recur",
    "recur_gradients",
    "references",
    "relu",
    "relu_gradient",
    "resample",
    "rms_norm",
    "rms_norm_gradients",
    "set_num_threads",
    "shared",
    "sigmoid",
    "sign",
    "silu",
    "silu_gradient",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "softmax_gradient",
    "softplus",
    "spread_average",
    "spread_taps",
    "spread_to",
    "square",
    "start_over",
    "sum_leading",
    "sum_to",
    "tap_indices",
    "temporary",
    "unfold",
    "work_is_shared",
    "xlogy",
]
