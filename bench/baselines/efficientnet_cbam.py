"""The network of Crossread's preset "efficientnet-b0-cbam", from torchvision's own blocks.

torchvision's EfficientNet-B0 without stochastic depth and dropout, cut before its 1x1 head convolution, then CBAM with
reduction 8, average pooling and two classes. One gray plane becomes three equal ones inside, as in Crossread.
Convolutions pad symmetrically, as torchvision does; the work is the same as with TensorFlow's padding.
"""

import sys

import torch
import torchvision


class Cbam(torch.nn.Module):
    def __init__(self, channels, reduction=8, kernel=7):
        super().__init__()
        self.reduce = torch.nn.Linear(channels, channels // reduction)
        self.expand = torch.nn.Linear(channels // reduction, channels)
        self.spatial = torch.nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, x):
        average = x.mean((2, 3))
        largest = x.amax((2, 3))
        gate = self.expand(torch.relu(self.reduce(average))) + self.expand(torch.relu(self.reduce(largest)))
        x = x * torch.sigmoid(gate)[:, :, None, None]
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.spatial(pooled))


class EfficientNetCbam(torch.nn.Module):
    def __init__(self):
        super().__init__()
        whole = torchvision.models.efficientnet_b0(weights=None, stochastic_depth_prob=0.0)
        self.features = whole.features[:8]
        self.cbam = Cbam(320)
        self.classify = torch.nn.Linear(320, 2)

    def forward(self, gray):
        x = self.cbam(self.features(gray.expand(-1, 3, -1, -1)))
        return self.classify(x.mean((2, 3)))


def build(expected_parameters):
    """Refuses to measure another network: both sides must have the same number of trainable numbers."""
    model = EfficientNetCbam()
    count = sum(p.numel() for p in model.parameters())
    if count != expected_parameters:
        sys.exit(f"The network has {count} trainable numbers, expected {expected_parameters}.")
    return model
