"""Residual nets (He et al. 2016), from torchvision, with a beginning for pictures of 32 × 32.

The first convolution is 3 × 3 and keeps the size, and nothing is pooled after it.
"""

from __future__ import annotations

from torch import nn

from core.nets.cnn.classifier import Classifier


def resnet18(classes: int = 10) -> Classifier:
    """11,173,962 parameters for ten classes."""
    return _resnet("resnet18", classes)


def resnet34(classes: int = 10) -> Classifier:
    """21,282,122 parameters for ten classes."""
    return _resnet("resnet34", classes)


def resnet50(classes: int = 10) -> Classifier:
    """23,520,842 parameters for ten classes."""
    return _resnet("resnet50", classes)


def _resnet(name: str, classes: int) -> Classifier:
    from torchvision import models  # takes a second to import

    net = getattr(models, name)(num_classes=classes)
    stem = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1, bias=False), net.bn1, nn.ReLU())
    residual = [block for n in range(1, 5) for block in getattr(net, f"layer{n}")]
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # so that what a block gives stays as it was given
    return Classifier([stem, *residual], nn.Sequential(net.avgpool, nn.Flatten(), net.fc))
