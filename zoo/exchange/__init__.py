"""Models of others, in the zoo's own classes.

- :func:`load_resnet` reads the ``.pth`` files of torchvision's ResNets and of CIFAR ResNets;
- :func:`load_huggingface` reads the folders of GPT-2, BERT and DistilBERT, with their tokenizers.

Neither PyTorch nor the library that wrote the files is needed, and nothing in them is executed.
"""

from zoo.exchange.huggingface import HuggingFaceModel, load_huggingface
from zoo.exchange.resnets import load_resnet

__all__ = ["HuggingFaceModel", "load_huggingface", "load_resnet"]
