"""What is refused, and in which words: ours begin as torch's do, or contain them."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import torch

import minitorch

# Expressions in the library m and x = ones(2, 3); below each, torch's words that ours share.
REFUSED = """
    x + m.ones(2, 4)
        : The size of tensor a (3) must match the size of tensor b (4)
    x @ x
        : mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)
    m.ones(2, dtype=m.int64).masked_fill(m.tensor([True, False]), float("-inf"))
        : value cannot be converted to type int64_t without overflow
    x.half().masked_fill(x > 0, -1e9)
        : value cannot be converted to type c10::Half without overflow
    m.ones(2, dtype=m.int32).fill_(1e20)
        : value cannot be converted to type int without overflow
    m.full((2,), float("nan"), dtype=m.int64)
        : value cannot be converted to type int64_t without overflow
    m.ones(2, dtype=m.uint8).__setitem__(0, 256)
        : value cannot be converted to type uint8_t without overflow
    (x > 0) - (x > 0)
        : Subtraction, the `-` operator, with two bool tensors is not supported.
    -(x > 0)
        : Negation, the `-` operator, on a bool tensor is not supported.
    m.arange(3).softmax(0)
        :
    m.zeros(0).argmax()
        : argmax(): Expected reduction dim to be specified for input.numel() == 0.
    m.zeros(2, 0).argmin(1)
        : argmin(): Expected reduction dim 1 to have non-zero size.
    m.zeros(2, 0).amax(1)
        : amax(): Expected reduction dim 1 to have non-zero size.
    m.zeros(0).max()
        : max(): Expected reduction dim to be specified for input.numel() == 0.
    2 @ x
        : unsupported operand type(s) for @: 'int' and 'Tensor'
    x @ 2
        : unsupported operand type(s) for @: 'Tensor' and 'int'
    x.__delitem__(0)
        :
    m.multinomial(m.ones(2), 3)
        : cannot sample n_sample > prob_dist.size(-1) samples without replacement
    m.multinomial(m.ones(2), 0)
        : cannot sample n_sample <= 0 samples
    m.multinomial(m.ones(2, 2, 2), 1)
        : prob_dist must be 1 or 2 dim
    m.multinomial(m.arange(2), 1)
        : multinomial only supports floating-point dtypes for input, got: Long
    x @ m.ones(3, 2, dtype=m.float64)
        : expected m1 and m2 to have the same dtype, but got: float != double
    x @ m.ones(3, 2, dtype=m.int64)
        : expected m1 and m2 to have the same dtype, but got: float != long int
    m.nn.functional.linear(x.half(), x)
        : expected m1 and m2 to have the same dtype, but got: c10::Half != float
    m.einsum("ij,ij->i", x, x.double())
        :
    m.cdist(x, x.double())
        :
    m.lerp(x, x.double(), 0.5)
        : expected dtype float for `end` but got dtype double
    m.lerp(x, x, x.double())
        : expected dtype float for `weight` but got dtype double
    m.mm(x, x)
        : mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)
    m.dot(x, x)
        : 1D tensors expected, but got 2D and 2D tensors
    x.reshape(4)
        : shape '[4]' is invalid for input of size 6
    x.view(4, -1)
        : shape '[4, -1]' is invalid for input of size 6
    x.t().view(6)
        : view size is not compatible with input tensor's size and stride
    x.sum(2)
        : Dimension out of range (expected to be in range of [-2, 1], but got 2)
    x.sum((0, 0))
        : dim 0 appears multiple times in the list of dims
    x.softmax(5)
        : Dimension out of range (expected to be in range of [-2, 1], but got 5)
    x.unsqueeze(4)
        : Dimension out of range (expected to be in range of [-3, 2], but got 4)
    x.transpose(0, 3)
        : Dimension out of range (expected to be in range of [-2, 1], but got 3)
    x.expand(4, 3)
        : The expanded size of the tensor (4) must match the existing size (2) at non-singleton
    x.expand(3)
        : the number of sizes provided (1) must be greater or equal to the number of dimensions
    x.flatten(1, 0)
        : flatten() has invalid args: start_dim cannot come after end_dim
    x[2]
        : index 2 is out of bounds for dimension 0 with size 2
    x[0, 0, 0]
        : too many indices for tensor of dimension 2
    x[m.tensor([5])]
        : index 5 is out of bounds for dimension 0 with size 2
    x[::-1]
        : step must be greater than zero
    x[1.5]
        :
    x[m.tensor([1.5])]
        : tensors used as indices must be long, int, byte or bool tensors
    x.narrow(0, 1, 5)
        : start (1) + length (5) exceeds dimension size (2).
    x.select(0, 7)
        : select(): index 7 out of range for tensor of size [2, 3] at dimension 0
    x.gather(0, m.tensor([[5]]))
        : index 5 is out of bounds for dimension 0 with size 2
    x.gather(0, m.tensor([0]))
        : Index tensor must have the same number of dimensions as
    x.index_select(0, m.tensor([4]))
        : index out of range in self
    x.item()
        : a Tensor with 6 elements cannot be converted to Scalar
    bool(x)
        : Boolean value of Tensor with more than one value is ambiguous
    bool(m.tensor([]))
        : Boolean value of Tensor with no values is ambiguous
    len(m.tensor(1))
        : len() of a 0-d tensor
    iter(m.tensor(1))
        : iteration over a 0-d tensor
    x.requires_grad_().numpy()
        : Can't call numpy() on Tensor that requires grad.
    m.tensor([1], requires_grad=True)
        : Only Tensors of floating point
    x.backward()
        : element 0 of tensors does not require grad and does not have a grad_fn
    x.requires_grad_().backward()
        : grad can be implicitly created only for scalar outputs
    x.long().mean()
        : mean(): could not infer output dtype. Input dtype must be either a floating point or
    x.requires_grad_().add_(1)
        : a leaf Variable that requires grad is being used in an in-place operation.
    x.long().add_(1.5)
        : result type Float can't be cast to the desired output type Long
    x.add_(m.ones(4, 2, 3))
        : output with shape [2, 3] doesn't match the broadcast shape [4, 2, 3]
    x.copy_(m.ones(4))
        : The size of tensor a (3) must match the size of tensor b (4)
    m.cat([])
        : expected a non-empty list of Tensors
    m.cat([x, m.ones(2, 4)])
        : Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for
    m.cat([x, m.ones(2)])
        : Tensors must have same number of dimensions: got 2 and 1
    m.stack([x, m.ones(2)])
        : stack expects each tensor to be equal size, but got [2, 3] at entry 0 and [2] at entry 1
    x.split([1], 1)
        : split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at
    x.chunk(0)
        : chunk expects `chunks` to be greater than 0, got: 0
    m.ones(-1)
        : Trying to create tensor with negative dimension -1
    m.arange(0, 5, -1)
        : upper bound and lower bound inconsistent with step sign
    m.arange(0, 5, 0)
        : step must be nonzero
    m.randint(5, 5, (2,))
        : expects 'from' to be less than 'to', but got from=5 >= to=5
    m.multinomial(m.tensor([0.0, 0.0]), 1)
        : invalid multinomial distribution (sum of probabilities <= 0)
    m.bernoulli(m.tensor([2.0]))
        : Expected p_in >= 0 && p_in <= 1 to be true
    x.masked_fill(x, 1)
        : masked_fill_ only supports boolean masks
    m.where(x, x, x)
        : expected condition to be a boolean tensor, but got a tensor with dtype Float
    x.topk(9)
        : selected index k out of range
    x.kthvalue(9)
        : selected number k out of range for dimension 1
    x.quantile(m.tensor([2.0]))
        : q values must be in the range [0, 1]
    m.zeros(0).max()
        : Expected reduction dim to be specified for input.numel() == 0. Specify the reduction
    m.zeros(0).argmax()
        : Expected reduction dim to be specified for input.numel() == 0.
    x.unfold(0, 9, 1)
        : maximum size for tensor at dimension 0 is 2 but size is 9
    m.ones(2).trace()
        : expected a matrix
    m.ones(2, 2, 2).t()
        : t() expects a tensor with <= 2 dimensions, but self is 3D
    m.ones(2, 2, 2).diag()
        : Supports 1D or 2D tensors. Got 3D
    m.tensordot(x, x, 1)
        : contracted dimensions need to match, but first has size
    m.tensor([2]) ** -1
        : Integers to negative integer powers are not allowed.
    m.tensor([2]) // 0
        : ZeroDivisionError
    m.div(x, 2, rounding_mode="up")
        : div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'up'
    x.clamp(1j)
        : value cannot be converted to type double without overflow
    x.clamp()
        : At least one of 'min' or 'max' must not be None
    x.masked_scatter(x > 0, m.ones(1))
        : Number of elements of source < number of ones in mask
    m.nn.functional.one_hot(m.tensor([-1]))
        : Class values must be non-negative.
    m.nn.functional.one_hot(m.tensor([3]), 2)
        : Class values must be smaller than num_classes.
    x.permute(0)
        :
    x.__setitem__(0, m.ones(2))
        :
    m.broadcast_tensors(x, m.ones(4))
        :
    m.einsum("ij,jk->ik", x, x)
        :
    x < "a"
        :
    x + "a"
        :
    x + None
        :
    m.full((2,), 300, dtype=m.uint8)
        : value cannot be converted to type uint8
    m.tensor([2], dtype=m.uint8).fill_(300)
        : value cannot be converted to type uint8
    m.tensor(None)
        : Could not infer dtype of NoneType
    m.tensor([1, {}])
        : Could not infer dtype of dict
    m.tensor([m.ones(2), m.ones(2)])
        : only one element tensors can be converted to Python scalars
    m.tensor([[1, 2], [3]])
        :
    m.tensor([300], dtype=m.uint8)
        : value cannot be converted to type uint8 without overflow
    m.randn(2, 3, dtype=m.int64)
        : "normal_kernel_cpu" not implemented for 'Long'
    m.rand_like(m.arange(3))
        : "check_uniform_bounds" not implemented for 'Long'
    x.bool().normal_()
        : "normal_kernel_cpu" not implemented for 'Bool'
    x.uniform_(2, 1)
        : uniform_ expects to return a [from, to) range, but found from=2 > to=1
    x.sum(0, 1)
        : must be bool, not int
    x.mean(0, 1)
        : must be bool, not int
    x.amax(0, 1)
        : must be bool, not int
    x.argmax(0, 1)
        : must be bool, not int
    x.all(0, 1)
        :
    x.norm(2, 0, 1)
        : must be bool, not int
    m.add(m.arange(3), 1, alpha=2.5)
        : For integral input tensors, argument alpha must not be a floating point number.
    m.arange(3).sub_(1, alpha=2.5)
        : For integral input tensors, argument alpha must not be a floating point number.
    m.norm(m.arange(3))
        : Expected a floating point or complex tensor as input
    m.norm(m.arange(3), 1, dtype=m.float32)
        : Expected a floating point or complex tensor as input
    m.zeros(2.0)
        : must be tuple of ints
    m.zeros((2, 3.0))
        : must be tuple of ints
    m.zeros(None)
        : must be tuple of ints
    x.reshape(6.0)
        : must be tuple of ints
    x[m.tensor([0, 1], dtype=m.int16)]
        : tensors used as indices must be long, int, byte or bool tensors
    x["a"]
        : 'str'
    x << 1
        : "lshift_cpu" not implemented for 'Float'
    m.tensor([1]) >> 1.5
        : "rshift_cpu" not implemented for 'Float'
    x & 1
        : "bitwise_and_cpu" not implemented for 'Float'
    m.tensor([1]) << "a"
        : unsupported operand type(s) for <<
    m.zeros(2, size=(3,))
        : multiple values for argument 'size'
    m.randint(3)
        :
    m.arange()
        :
    m.from_numpy([1])
        : expected np.ndarray (got list)
    m.broadcast_shapes((2,), (3,))
        :
    m.lerp(m.arange(2), m.arange(2), 0.5)
        : "lerp_kernel_scalar" not implemented for 'Long'
    m.lerp(x, 3.0, 0.5)
        :
    m.arange(3).var()
        : std and var only support floating point and complex dtypes
    m.std_mean(m.arange(3))
        : std_mean only support floating point and complex dtypes
    x.var(0, 1)
        :
    x.var(0, True, correction=1)
        :
    m.nanmean(m.arange(3))
        : nanmean(): expected input to have floating point or complex dtype but got Long
    (x > 0).argmax()
        : argmax(): does not support bool input
    (x > 0).argmin(1)
        : argmin(): does not support bool input
    (x > 0).topk(1)
        : topk does not support bool dtypes on CPU
    (x > 0).kthvalue(1)
        : "kthvalue_cpu" not implemented for 'Bool'
    (x > 0).median()
        : "median_cpu" not implemented for 'Bool'
    (x > 0).median(1)
        : "median_out" not implemented for 'Bool'
    m.tensor(1.0).max(1)
        : Dimension out of range (expected to be in range of [-1, 0], but got 1)
    m.tensor(1.0).cummax(1)
        :
    x.max(0, 1)
        : must be bool, not int
    m.zeros(2, 0).max(1)
        : max(): Expected reduction dim 1 to have non-zero size.
    m.aminmax(m.zeros(0))
        : aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity
    m.ones(2, 0).kthvalue(1)
        : kthvalue(): Expected reduction dim 1 to have non-zero size.
    m.arange(3).quantile(0.5)
        : quantile() input tensor must be either float or double dtype
    x.half().quantile(0.5)
        : quantile() input tensor must be either float or double dtype
    m.zeros(0).quantile(0.5)
        : quantile() input tensor must be non-empty
    x.quantile(m.tensor([0.5], dtype=m.float64))
        : quantile() q tensor must be same dtype as the input tensor
    x.quantile(m.tensor([[0.5]]))
        : quantile() q must be a scalar or 1D tensor
    x.quantile(1.5)
        : quantile() q must be in the range [0, 1] but got 1.5
    x.quantile([0.5])
        :
    m.searchsorted(m.ones(3), 3.0, side="left", right=True)
        : side and right can't be set to opposites, got side of left while right was True
    m.searchsorted(x, 3.0)
        : input value can be a scalar only when boundaries tensor dimension is 1, but we got
    m.searchsorted(x, m.ones(3, 1))
        : boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor
    m.bucketize(m.tensor([3.0]), x)
        : boundaries tensor must be 1 dimension, but got dim(2)
    m.bincount(x)
        : "bincount_cpu" not implemented for 'Float'
    m.bincount(m.tensor([1]), minlength=-1)
        : minlength should be >= 0
    m.bincount(m.tensor([1]), weights=m.ones(2))
        : weights should be 1-d and have the same length as input
    m.tensor(3.0).unique(dim=0)
        : Dimension specified as 0 but tensor has no dimensions
    m.zeros(2, 0).unique(dim=0)
        : There are 0 sized dimensions, and they aren't selected, so unique cannot be applied
    m.diff(m.tensor(1.0))
        : diff expects input to be at least one-dimensional
    m.diff(x, -1)
        : order must be non-negative but got -1
    m.diff(x, prepend=m.ones(1))
        : diff expects prepend or append to be the same dimension as input
    x.prod(keepdim=True)
        :
    m.norm(m.zeros(0), float("inf"))
        : linalg.vector_norm cannot compute the inf norm on an empty tensor because the operation
    m.norm(m.zeros(0), -1)
        : linalg.vector_norm cannot compute the -1 norm on an empty tensor because the operation
    m.norm(m.zeros(2, 0), float("inf"), 1)
        : linalg.vector_norm cannot compute the inf norm on the dimension 1
    m.norm(x, 2, dtype=m.int64)
        : linalg.vector_norm: dtype should be floating point or complex, but got Long
    m.norm(x, 2, dtype=m.float16)
        : (Float) should be convertible without narrowing to the specified dtype (Half)
    x.clamp(0.5, x)
        :
    m.hypot(m.arange(2), m.arange(2))
        : "hypot_cpu" not implemented for 'Long'
    m.logaddexp(m.arange(2), m.arange(2))
        : "logaddexp_cpu" not implemented for 'Long'
    m.heaviside(x, x.long())
        : heaviside is not yet implemented for tensors with different dtypes.
    m.addcdiv(x, m.ones(3).long(), m.ones(3).long())
        : Integer division with addcdiv is no longer supported
    (x > 0) // (x > 0)
        : "div_floor_cpu" not implemented for 'Bool'
    (x > 0) % (x > 0)
        : "remainder_cpu" not implemented for 'Bool'
    x.movedim(0, 5)
        : Dimension out of range
"""
LINES = [line.strip() for line in REFUSED.strip().splitlines()]
CASES = [
    (text, words.removeprefix(":").strip())
    for text, words in zip(LINES[::2], LINES[1::2], strict=True)
]


def refusal(library: Any, text: str) -> tuple[type[Exception], str]:
    x = library.ones(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as caught:
            eval(text, {"m": library, "x": x})
    return caught.type, str(caught.value)


@pytest.mark.parametrize(("text", "words"), CASES, ids=[text for text, _ in CASES])
def test_refused_alike(text: str, words: str) -> None:
    kind, message = refusal(torch, text)
    our_kind, our_message = refusal(minitorch, text)
    assert re.search(re.escape(words), message, re.IGNORECASE), "torch says otherwise"
    assert re.search(re.escape(words), our_message, re.IGNORECASE), our_message
    assert issubclass(our_kind, kind) or {our_kind, kind} <= {IndexError, RuntimeError}, our_message
