"""Every operation, with its gradient beside it.

An operation takes Tensors, arrays or numbers; with a Tensor among its arguments it returns a Tensor
and, where gradients are wanted, records itself. `minitorch.autograd.primitive` says how one is
declared. Each room lists in ``__all__`` what is public; the operations that change a tensor are in
`inplace`.
"""

from minitorch.autograd.coerce import cast as cast
from minitorch.autograd.coerce import expand_to as expand_to
from minitorch.autograd.coerce import sum_to as sum_to
from minitorch.ops import (
    activation,
    arithmetic,
    buckets,
    comparison,
    conversion,
    copies,
    creation,
    einstein,
    factors,
    folding,
    indexing,
    joining,
    linalg,
    lookup,
    loss,
    normalization,
    norms,
    ordering,
    padding,
    pairwise,
    pointwise,
    pooling,
    reduction,
    resampling,
    row_norm,
    sampling,
    scan,
    scattering,
    selection,
    shape,
    shrinkage,
    stacking,
    triangles,
    variance,
)
from minitorch.ops.activation import *  # noqa: F403
from minitorch.ops.arithmetic import *  # noqa: F403
from minitorch.ops.attention import attend as attend
from minitorch.ops.attention import attend_to_self as attend_to_self
from minitorch.ops.attention import attention_weights as attention_weights
from minitorch.ops.buckets import *  # noqa: F403
from minitorch.ops.comparison import *  # noqa: F403
from minitorch.ops.conversion import *  # noqa: F403
from minitorch.ops.convolution import convolve as convolve
from minitorch.ops.convolution import convolve_transpose as convolve_transpose
from minitorch.ops.copies import *  # noqa: F403
from minitorch.ops.creation import *  # noqa: F403
from minitorch.ops.einstein import *  # noqa: F403
from minitorch.ops.factors import *  # noqa: F403
from minitorch.ops.folding import *  # noqa: F403
from minitorch.ops.indexing import *  # noqa: F403
from minitorch.ops.joining import *  # noqa: F403
from minitorch.ops.linalg import *  # noqa: F403
from minitorch.ops.lookup import *  # noqa: F403
from minitorch.ops.loss import *  # noqa: F403
from minitorch.ops.normalization import *  # noqa: F403
from minitorch.ops.norms import *  # noqa: F403
from minitorch.ops.ordering import *  # noqa: F403
from minitorch.ops.padding import *  # noqa: F403
from minitorch.ops.pairwise import *  # noqa: F403
from minitorch.ops.pointwise import *  # noqa: F403
from minitorch.ops.pooling import *  # noqa: F403
from minitorch.ops.recurrent import recur as recur
from minitorch.ops.reduction import *  # noqa: F403
from minitorch.ops.resampling import *  # noqa: F403
from minitorch.ops.row_norm import *  # noqa: F403
from minitorch.ops.sampling import *  # noqa: F403
from minitorch.ops.scan import *  # noqa: F403
from minitorch.ops.scattering import *  # noqa: F403
from minitorch.ops.selection import *  # noqa: F403
from minitorch.ops.shape import *  # noqa: F403
from minitorch.ops.shrinkage import *  # noqa: F403
from minitorch.ops.stacking import *  # noqa: F403
from minitorch.ops.triangles import *  # noqa: F403
from minitorch.ops.variance import *  # noqa: F403
from minitorch.size import wrap_dim as wrap_dim

__all__ = list(activation.__all__)
__all__ += arithmetic.__all__
__all__ += buckets.__all__
__all__ += comparison.__all__
__all__ += conversion.__all__
__all__ += copies.__all__
__all__ += creation.__all__
__all__ += einstein.__all__
__all__ += factors.__all__
__all__ += folding.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += linalg.__all__
__all__ += lookup.__all__
__all__ += loss.__all__
__all__ += normalization.__all__
__all__ += norms.__all__
__all__ += ordering.__all__
__all__ += padding.__all__
__all__ += pairwise.__all__
__all__ += pointwise.__all__
__all__ += pooling.__all__
__all__ += reduction.__all__
__all__ += resampling.__all__
__all__ += row_norm.__all__
__all__ += sampling.__all__
__all__ += scan.__all__
__all__ += scattering.__all__
__all__ += selection.__all__
__all__ += shape.__all__
__all__ += shrinkage.__all__
__all__ += stacking.__all__
__all__ += triangles.__all__
__all__ += variance.__all__
