"""Layers that PyTorch has not, or has with another meaning. Pictures are N x C x H x W."""

import torch
from torch import nn

from . import parallel
from .draws import drawing
from .functions import sqrt, square


def channels_last(x):
    """Pictures as N x H x W x C, the order in which a spec counts the numbers of a sample."""
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def flat(x):
    """One vector per sample, in the order of the spec."""
    return channels_last(x).reshape(x.shape[0], -1)


def reshape(x, *sizes):
    """Samples of other sizes, said as height, width, channels where they are pictures."""
    x = channels_last(x).reshape(x.shape[0], *sizes)
    return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


def append(x, other):
    """The channels of x and of another tensor; one vector per sample is repeated over a picture."""
    axis = 1 if x.dim() == 4 else -1
    if other.dim() < x.dim():
        other = other.reshape(x.shape[0], -1)
        if x.dim() == 4:
            other = other[:, :, None, None].expand(-1, -1, *x.shape[2:])
        elif x.dim() == 3:
            other = other[:, None, :].expand(-1, x.shape[1], -1)
    return torch.cat((x, other), axis)


def max_pool(x, height, width):
    """The largest number of every window; equal ones share the gradient."""
    return x.unflatten(3, (-1, width)).unflatten(2, (-1, height)).amax((3, 5))


def leaky_relu(x, slope):
    """max(x, slope x) of a slope up to 1, with the slope 1 at 0."""
    return torch.where(x < 0, x * slope, x)


class Maxout(nn.Linear):
    """The largest of several linear functions, per unit (Goodfellow et al. 2013)."""

    def __init__(self, inputs, units, pieces, bias=True):
        super().__init__(inputs, units * pieces, bias)
        self.pieces = pieces

    def forward(self, x):
        return super().forward(x).unflatten(1, (-1, self.pieces)).amax(2)


class Embedding(nn.Embedding):
    """A row of numbers per class; classes are numbers of the equations."""

    def forward(self, y):
        return super().forward(y.long())


class Norm(nn.Module):
    """x minus its mean over its deviation, then a scale and an offset per channel."""

    def __init__(self, channels, epsilon=1e-5):
        super().__init__()
        self.epsilon = epsilon
        self.scale = nn.Parameter(torch.empty(channels))
        self.offset = nn.Parameter(torch.empty(channels))

    def per_channel(self, x, numbers):
        """One number per channel, beside x."""
        return numbers.view(-1, *[1] * (x.dim() - 2)) if x.dim() == 4 else numbers

    def normalise(self, x, mean, variance):
        """The norm of a mean and a variance that stretch to x."""
        unit = (x - mean) / sqrt(variance + self.epsilon)
        return unit * self.per_channel(x, self.scale) + self.per_channel(x, self.offset)

    def over(self, x, axes):
        """The norm over some axes of each sample."""
        mean = x.mean(axes, keepdim=True)
        return self.normalise(x, mean, square(x - mean).mean(axes, keepdim=True))


class LayerNorm(Norm):
    """Over all numbers of a sample (Ba et al. 2016)."""

    def forward(self, x):
        return self.over(x, tuple(range(1, x.dim())))


class InstanceNorm(Norm):
    """Over height and width of each channel (Ulyanov et al. 2016)."""

    def forward(self, x):
        return self.over(x, (2, 3))


class BatchNorm(Norm):
    """Over batch, height and width, of all processes together (Ioffe and Szegedy 2015).

    Variances are of the population, the running ones too, and momentum is the share of the old
    value that stays. What an update has moved is kept aside until the update is known to be finite.
    """

    def __init__(self, channels, epsilon=1e-5, momentum=0.9):
        super().__init__(channels, epsilon)
        self.momentum = momentum
        self.register_buffer("mean", torch.empty(channels))
        self.register_buffer("variance", torch.empty(channels))
        # An averaged network reads and moves the statistics of the network that it follows.
        self.statistics = [self]
        self.moved = None

    def forward(self, x):
        own = self.statistics[0]
        if not self.training:
            return self.normalise(
                x, self.per_channel(x, own.mean), self.per_channel(x, own.variance)
            )
        axes = [axis for axis in range(x.dim()) if axis != (1 if x.dim() == 4 else x.dim() - 1)]
        count = x.numel() // self.scale.numel() * parallel.world()
        mean = parallel.total(x.sum(axes)) / count
        centred = x - self.per_channel(x, mean)
        variance = parallel.total(square(centred).sum(axes)) / count
        own.follow(mean.detach(), variance.detach(), self.momentum)
        return self.normalise(x, self.per_channel(x, mean), self.per_channel(x, variance))

    def follow(self, mean, variance, momentum):
        """running <- momentum running + (1 - momentum) of this batch"""
        old = (self.mean, self.variance) if self.moved is None else self.moved
        rest = 1 - momentum
        self.moved = (momentum * old[0] + rest * mean, momentum * old[1] + rest * variance)

    def settle(self, keep):
        """Writes the statistics of an update, or forgets them."""
        if keep and self.moved is not None:
            self.mean.copy_(self.moved[0])
            self.variance.copy_(self.moved[1])
        self.moved = None


class Draws(nn.Module):
    """A layer that draws a number per number of x while it is trained; `path` is its place."""

    path = ""

    def draw(self, x, distribution):
        """Numbers of the standard form of a distribution, of the shape of x."""
        sizes = channels_last(x).shape[1:]
        return drawing().per_call(self.path, distribution, 0, 1, sizes)


class Dropout(Draws):
    """Srivastava et al. 2014, scaled in training so that outputs need no scaling."""

    def forward(self, x, rate):
        if not self.training:
            return x
        kept = (self.draw(x, "uniform") >= rate).to(x.dtype)
        return x * kept * (1 / (1 - rate))


class Noise(Draws):
    """Normal noise that is added in training."""

    def forward(self, x, deviation):
        return x + self.draw(x, "normal") * deviation if self.training else x
