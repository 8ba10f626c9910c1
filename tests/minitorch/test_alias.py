"""Programs that import torch and are given minitorch, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import torch, torch.nn as nn, torch.optim as optim
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Variable
from torch.utils.data import DataLoader, TensorDataset
from torch.optim.lr_scheduler import StepLR
import torch.backends.cudnn as cudnn
import minitorch
from neighbour import double

cudnn.benchmark = True
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x)

torch.manual_seed(0)
model = Net().to(device)
optimizer = optim.SGD(model.parameters(), lr=0.1)
scheduler = StepLR(optimizer, 1)
for x, y in DataLoader(TensorDataset(torch.ones(4, 2), torch.ones(4, 1)), 2):
    optimizer.zero_grad()
    F.mse_loss(model(Variable(x)), y).backward()
    optimizer.step()
assert torch is minitorch and nn is minitorch.nn and F is minitorch.nn.functional
assert minitorch.backends.cudnn.benchmark
assert __name__ == "__main__"
print(double(21), sys.argv[1:])
"""


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "minitorch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_program_for_torch_runs(tmp_path: Path):
    (tmp_path / "neighbour.py").write_text("def double(x):\n    return 2 * x\n")
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)
    done = run(str(program), "--epochs", "2")
    assert (done.returncode, done.stdout) == (0, "42 ['--epochs', '2']\n"), done.stderr


def test_what_is_not_here_is_not_found(tmp_path: Path):
    program = tmp_path / "quantize.py"
    program.write_text("import torch.ao.quantization")
    done = run(str(program))
    assert done.returncode == 1
    assert "No module named 'torch.ao': minitorch has none of that name" in done.stderr


def test_the_exit_status_is_the_program_s(tmp_path: Path):
    program = tmp_path / "fails.py"
    program.write_text("raise SystemExit(3)")
    assert run(str(program)).returncode == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "usage: python -m minitorch FILE"),
        (("--fast",), 2, "usage: python -m minitorch FILE"),
        (("--help",), 0, "Run FILE with minitorch wherever it imports torch"),
        (("nowhere.py",), 2, "there is no file nowhere.py"),
    ],
)
def test_the_command_says_what_it_wants(arguments, code, words):
    done = run(*arguments)
    assert done.returncode == code
    assert words in done.stdout + done.stderr


def test_torch_itself_is_not_replaced():
    program = (
        "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\n"
        "import minitorch\nminitorch.as_torch()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "RuntimeError: as_torch: torch itself has been imported already" in done.stderr
