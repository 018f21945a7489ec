"""The names and layouts that tensors have in a checkpoint.

`D/encoder/conv1/weight` is the weight of `D.encoder.conv1`. In a checkpoint, dense weights are
inputs x outputs and those of convolutions height x width x inputs x outputs (of transposed ones,
outputs x inputs).
"""

import dataclasses

import torch
from torch import nn


@dataclasses.dataclass
class Tensor:
    """A parameter or a running statistic of a network."""

    name: str
    module: nn.Module
    kind: str
    value: torch.Tensor

    @property
    def shape(self):
        """As it lies in a checkpoint."""
        return tuple(self.value.shape[axis] for axis in layout(self))


def canonical_name(network, path):
    """`D`, `class_.dense1.weight` -> `D/class/dense1/weight`: words of Python have a `_` behind."""
    parts = [part[:-1] if part.endswith("_") else part for part in path.split(".")]
    return "/".join([network, *parts])


def tensors_of(name, network):
    """All tensors of a network; an averaged one has no running statistics of its own."""
    for path, module in network.named_modules():
        own = [*module.named_parameters(recurse=False)]
        if getattr(module, "statistics", [module])[0] is module:
            own += module.named_buffers(recurse=False)
        for kind, value in own:
            full = f"{path}.{kind}" if path else kind
            yield Tensor(canonical_name(name, full), module, kind, value)


def layout(tensor):
    """Which axis of ours each axis of a checkpoint is."""
    axes = tuple(range(tensor.value.dim()))
    if tensor.value.dim() == 4:
        return (2, 3, 1, 0)
    if tensor.value.dim() == 2 and isinstance(tensor.module, nn.Linear):
        return (1, 0)
    return axes


def to_canonical(tensor, value):
    """A tensor, or one that goes with it (a moment), as an array of a checkpoint."""
    moved = value.detach().to("cpu", torch.float32).permute(layout(tensor))
    return moved.contiguous().numpy()


def from_canonical(tensor, array):
    """The reverse, on the device and of the type of the tensor."""
    axes = layout(tensor)
    back = [axes.index(axis) for axis in range(len(axes))]
    moved = torch.from_numpy(array.copy()).permute(back)
    return moved.to(tensor.value.device, tensor.value.dtype).contiguous()
