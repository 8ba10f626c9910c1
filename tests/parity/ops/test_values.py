"""Small results, as they print, against PyTorch: dtypes, and edges such as NaN and ties."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
import torch

import minitorch

EXPRESSIONS = """
float(m.tensor(2))
m.Size([2,3])
m.Size([2,3]).numel()
m.allclose(m.ones(2),m.ones(2))
m.arange(0,1,0.1)[-1]
m.arange(1,2.5,0.5)
m.arange(3).expand(2,3).sum(0)
m.arange(4).reshape(2,2).rot90()
m.arange(4).tensor_split(3)
m.arange(5)
m.arange(5).chunk(3)
m.arange(5).split([1,4])
m.arange(5,0,-2)
m.arange(6).unfold(0,3,2)
m.arange(60).reshape(3,4,5)[0,:,[1,2]].shape
m.arange(60).reshape(3,4,5)[:,0,[1,2]].shape
m.arange(60).reshape(3,4,5)[:,[0,1],[1,2]].shape
m.arange(60).reshape(3,4,5)[[0,1],:,[1,2]].shape
m.arange(60).reshape(3,4,5)[m.tensor(0),:,[1,2]].shape
m.argwhere(m.tensor([[0,1],[1,0]]))
m.as_tensor([1,2.])
m.as_tensor(np.ones(2))
m.bincount(m.tensor([1,1,3]),minlength=6)
m.block_diag(m.ones(1,2),m.ones(2,1))
m.broadcast_shapes((2,1),(3,))
m.bucketize(m.tensor([3,6]),m.tensor([1,3,5]),right=True)
m.can_cast(m.bool,m.uint8)
m.can_cast(m.float32,m.int64)
m.cat([m.ones(2),m.zeros(0)])
m.clamp(m.tensor([1.,float("nan")]),0,.5)
m.cumsum(m.tensor([True,True]),0)
m.device('cpu')
m.div(m.tensor([-7,7]),2,rounding_mode="trunc")
m.empty(0)
m.equal(m.ones(2),m.ones(3))
m.eye(2,3)
m.eye(2,dtype=m.bool)
m.finfo(m.float16).max
m.finfo(m.float32).eps
m.finfo(m.float64)
m.float32
m.fmod(m.tensor([-7,7]),3)
m.from_numpy(np.arange(3))
m.full((2,),2.5)
m.full((2,),3)
m.full((2,),True)
m.full_like(m.ones(2),7)
m.heaviside(m.tensor([-1.,0,1]),m.tensor([.5]))
m.tensor([m.tensor(1.0,dtype=m.float64)])
m.tensor([np.float64(1)])
m.tensor([[],[]])
m.iinfo(m.int8).max
m.is_floating_point(m.ones(1))
m.is_tensor(m.ones(1))
m.isclose(m.tensor([1.]),m.tensor([1.+1e-9]))
m.isin(m.tensor([1,2]),m.tensor([2]))
m.linspace(0,1,4)
m.linspace(0,1,5,dtype=m.int64)
m.linspace(3,3,1)
m.logspace(0,2,3)
m.maximum(m.tensor([1.,float("nan")]),m.tensor([2.,2.]))
m.meshgrid(m.arange(2),m.arange(2),indexing="ij")[1]
m.nn.functional.one_hot(m.tensor([[0],[2]]))
m.nonzero(m.tensor([[1,0],[0,2]]),as_tuple=True)
m.normal(0.,1.,(2,)).dtype
m.numel(m.ones(2,3))
m.ones((2,3))
m.ones((2,3),dtype=m.float16).sum().dtype
m.ones(1).std()
m.ones(1).var()
m.ones(2).add(2,alpha=3)
m.ones(2).new_full((2,),3)
m.ones(2,3).nelement()
m.ones(2,3).size(-1)
m.ones(2,3).to(m.float64) + m.ones(1)
m.ones(2,3)[:, 1].stride()
m.ones(2,dtype=m.float64).new_tensor([1])
m.ones(2,dtype=m.int64).exp().dtype
m.ones(3).repeat_interleave(2).shape
m.ones(3).std()
m.promote_types(m.int8,m.uint8)
m.randint(0,5,(2,),dtype=m.float32).dtype
m.relu(m.tensor([float("nan"),-1]))
m.result_type(m.tensor([1]),2.)
m.rot90(m.arange(4).reshape(2,2))
m.searchsorted(m.tensor([1,3,5]),m.tensor([3,6]))
m.sign(m.tensor([float("nan"),-0.,2]))
m.std_mean(m.arange(4.0))
m.tensor((1,2.0))
m.tensor(0).nonzero()
m.tensor(1).nonzero()
m.tensor(1e400)
m.tensor(2)+m.tensor(1.)
m.tensor(3)[()]
m.tensor(300).to(m.uint8)
m.tensor(True)
m.tensor([-1.,0.,1.])/0
m.tensor([-7,7])%-3
m.tensor([-7,7])%3
m.tensor([-7,7])//2
m.tensor([-7.,7.])//2
m.tensor([-float("inf")]*2).log_softmax(0)
m.tensor([-float("inf")]*2).logsumexp(0)
m.tensor([-float("inf")]*2).softmax(0)
m.tensor([0.1]).half().item()
m.tensor([1,2,3,4]).view(m.int32).shape
m.tensor([1,2,3]).flip(0)
m.tensor([1,2,3]).float().quantile(0.5)
m.tensor([1,2,3]).nonzero()
m.tensor([1,2,3]).repeat_interleave(m.tensor([1,0,2]))
m.tensor([1,2,3])[True]
m.tensor([1,2]).float().norm()
m.zeros(size=(2,))
m.ones(size=[2,3],dtype=m.int64)
m.empty(size=(2,)).shape
m.rand(size=(2,)).shape
m.randn(size=(2,3)).shape
m.randint(1,size=(2,))
m.randint(high=1,size=(2,))
m.randint(1,(2,))
m.arange(end=3)
m.reshape(m.arange(4),shape=(2,2))
m.arange(4).reshape(shape=(2,-1))
m.arange(4).view(size=(2,2))
m.ones(2).view(dtype=m.int32)
m.ones(4,2).permute(dims=(1,0)).shape
m.ones(2,1).expand(size=(2,3))
m.arange(3).softmax(-1,dtype=m.float64)
m.log_softmax(m.arange(3),0,dtype=m.float32)
m.Tensor(2,3).shape
m.Tensor(2).shape
m.Tensor(m.Size([2,3])).shape
m.Tensor([2,3])
m.Tensor().shape
m.repeat_interleave(m.tensor([1,0,2]))
m.tensor([1,2])<<m.tensor([3,64])
m.tensor([1,-8],dtype=m.int8)>>1
m.tensor([True])<<1
1<<m.tensor([1,2])
7>>m.tensor([1,2])
m.add(m.arange(3),1.5,alpha=2.5)
m.ones(3)[m.tensor(1,dtype=m.int16)]
m.zeros(m.tensor(2),np.int64(3)).shape
m.tensor([1,2]).tolist()
m.tensor([1,2])/0
m.tensor([1,2])[m.tensor([0,1],dtype=m.int32)]
m.tensor([1,2],dtype=m.int32)+1.5
m.tensor([1.,2.]).dot(m.tensor([1.,2.]))
m.tensor([1.,2.]).to("cpu",m.float64)
m.tensor([1.,2.]).unique(return_counts=True)
m.tensor([1.,float("nan"),3.]).argmax()
m.tensor([1.0,float('nan')]).max(0)[1]
m.tensor([1.2345]).round(decimals=2)
m.tensor([1.5,2.5,-0.5]).round()
m.tensor([1.5]).bool()
m.tensor([1.9,-1.9]).long()
m.tensor([1],dtype=m.uint8)*-1
m.tensor([1],dtype=m.uint8)+300
m.tensor([2**63-1])
m.tensor([2,2,1]).argmax()
m.tensor([3,1,2]).argsort(descending=True)
m.tensor([3,1,2]).float().topk(2)[1]
m.tensor([3,1,2]).median()
m.tensor([3.,float("nan"),2]).median()
m.tensor([5]).item()
m.tensor([5],dtype=m.uint8)<300
m.tensor([5],dtype=m.uint8)==300
m.tensor([True,False]).sum()
m.tensor([[1,2],[3,4]])[0,[0,1]]
m.tensor([[1.0,2],[3,4]]).T.contiguous().stride()
m.tensor([[],[]]).shape
m.tensor([]).dtype
m.tensor([float("inf"),1.]).softmax(0)
m.tensor([float('nan'),1.0]).sort()[1]
m.tensor([m.tensor(1.),m.tensor(2.)])
m.tensor([m.tensor(1.),2])
m.tensor([m.tensor(1.),m.tensor(2)])
m.tensor([m.tensor([1.]),m.tensor([[2.]])])
m.tensor([m.tensor(True),m.tensor(1)])
m.tensor([m.ones(1,requires_grad=True).sum()])
m.tensor([np.ones(2),np.zeros(2)])
m.tensor([np.float32(1),2])
m.tensor([np.float32(1),2.5])
m.tensor([1,np.float64(2)])
m.tensor([[1.5,np.float64(2)]])
m.tensor([True,np.float16(2)])
m.tensor([np.int32(1),np.int32(2)])
m.tensor([True,2])
m.tensor([m.ones(2,3).shape])
m.tensor([range(3)])
m.tensor(np.float32(2))
m.tril_indices(3,3)
m.triu_indices(2,4,1)
m.zeros(()).shape
m.arange(9).reshape(3,3)[[[0,1],[1,2]]]
m.arange(9).reshape(3,3)[[[0,1]]]
m.arange(9).reshape(3,3)[[slice(0,1),1]]
m.arange(9).reshape(3,3)[[0,1]]
m.bincount(m.tensor([0,1,1]),weights=m.tensor([.5,1,1])).dtype
m.bincount(m.tensor([0,1,1]),weights=m.tensor([1,1,1])).dtype
m.cuda.is_available()
m.ones(2).half().masked_fill(m.tensor([True,False]),float("-inf"))
m.ones(2,dtype=m.uint8).fill_(-1)
m.ones(2,dtype=m.int64).masked_fill(m.tensor([True,False]),1.5)
m.zeros(3).expand(1,3).add_(1)
m.zeros(2,3).expand(2,-1).add_(1)
m.logsumexp(m.zeros(2,0),1)
m.zeros(0).logsumexp(0)
m.tensor([3.,1.,2.,2.,5.,2.]).median()
m.autograd.grad(*(lambda x: (x.median(), x))(m.tensor([3.,1.,2.,2.,5.,2.],requires_grad=True)))
m.autograd.grad(*(lambda x: (x.median(), x))(m.tensor([1.,np.nan,np.nan],requires_grad=True)))
m.zeros(0).mean()
m.zeros(0).std()
m.zeros(0).sum()
m.zeros(2,0).amax(0)
m.zeros(2,3,dtype=m.int32)
m.zeros_like(m.ones(2),dtype=m.int64)
""".strip().splitlines()


def shown(library: object, text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.sub(r"(mini)?torch\.", "", repr(eval(text, {"m": library, "np": np})))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_same_result(text: str) -> None:
    assert shown(minitorch, text) == shown(torch, text)
