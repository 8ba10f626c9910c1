"""The old names of what `minitorch.amp` has, for CUDA; they warn as torch's do."""

from minitorch.cuda.amp.autocast_mode import autocast, custom_bwd, custom_fwd
from minitorch.cuda.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]
