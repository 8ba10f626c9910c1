"""torchvision's random weights in our networks give torchvision's scores."""

import numpy as np
import pytest

import minitorch
from zoo.resnet import resnet18, resnet34, resnet50

pytestmark = [pytest.mark.data, pytest.mark.slow]  # runs where torchvision is


@pytest.mark.parametrize("make", [resnet18, resnet34, resnet50])
def test_scores_are_torchvisions(make):
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    theirs = getattr(models, make.__name__)()
    with torch.no_grad():  # statistics that matter
        for module in theirs.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2.0)
    theirs.eval()
    ours = make().eval()
    state = {name: minitorch.tensor(value.numpy()) for name, value in theirs.state_dict().items()}
    assert list(state) == list(ours.state_dict())
    ours.load_state_dict(state)
    x = np.random.default_rng(0).standard_normal((2, 3, 96, 80)).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(x)).numpy()
    with minitorch.no_grad():
        scores = ours(minitorch.from_numpy(x)).numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
