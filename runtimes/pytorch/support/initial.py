"""How weights start: the same numbers as began-compile draws, from the seed and their names."""

import math

import numpy as np
import torch
from torch import nn

from . import threefry
from .names import from_canonical, tensors_of


def start(module, distribution, *numbers):
    """A layer whose weight starts otherwise than from `fan_in` with the gain 1."""
    module.starts_from = (distribution, *numbers)
    return module


def fan_in_bound(module):
    """Of the uniform with variance 1 / fan-in."""
    if isinstance(module, nn.Embedding):
        return math.sqrt(3)
    if isinstance(module, nn.Linear):
        return math.sqrt(3 / module.in_features)
    kernel = module.kernel_size[0] * module.kernel_size[1]
    if isinstance(module, nn.ConvTranspose2d):
        # Each output is reached by about kernel / stride positions per axis.
        places = kernel * module.in_channels / (module.stride[0] * module.stride[1])
        return math.sqrt(3 / max(1, math.floor(places + 0.5)))
    return math.sqrt(3 / (kernel * module.in_channels // module.groups))


CONSTANTS = {"bias": 0.0, "scale": 1.0, "offset": 0.0, "mean": 0.0, "variance": 1.0}


@torch.no_grad()
def initialise(networks, averages, seed):
    """Writes the first state of all networks. An average starts where what it follows starts."""
    for network_name, network in networks.items():
        if network_name in averages:
            continue
        for tensor in tensors_of(network_name, network):
            tensor.value.copy_(from_canonical(tensor, drawn(tensor, seed)))
    for name, average in averages.items():
        for own, followed in zip(
            networks[name].parameters(), networks[average.of].parameters(), strict=True
        ):
            own.copy_(followed)


def beginning(tensor):
    """The distribution that a tensor starts from, with its numbers."""
    if tensor.kind in CONSTANTS:
        return ("constant", CONSTANTS[tensor.kind])
    distribution, *numbers = getattr(tensor.module, "starts_from", ("fan_in", 1))
    if distribution != "fan_in":
        return (distribution, *numbers)
    bound = numbers[0] * fan_in_bound(tensor.module)
    return ("uniform", -bound, bound)


def drawn(tensor, seed):
    """The first content of a tensor, in the layout of a checkpoint."""
    distribution, *numbers = beginning(tensor)
    if distribution == "constant":
        return np.full(tensor.shape, numbers[0], np.float32)
    key = threefry.draw_key(seed, f"init/{tensor.name}", 0)
    size = math.prod(tensor.shape)
    return threefry.DISTRIBUTIONS[distribution](key, 0, size, *numbers).reshape(tensor.shape)
