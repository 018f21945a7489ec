"""What the phase that runs draws: noise and layers ask here, and get their share of the batch."""

import contextlib

import torch

from . import parallel, threefry

_CURRENT = []


class Drawing:
    """The draws of one execution of a phase, or of one output."""

    def __init__(self, place, seed, execution, batch, device):
        self.place, self.seed, self.execution = place, seed, execution
        self.batch, self.device = batch, device
        self.calls = {}

    def draw(self, name, distribution, *numbers, shape=()):
        """A noise: `shape` is that of a sample, with channels last."""
        share = self.batch // parallel.world()
        size = 1
        for length in shape:
            size *= length
        key = threefry.draw_key(self.seed, f"{self.place}/{name}", self.execution)
        start = parallel.rank() * share * size
        drawn = threefry.DISTRIBUTIONS[distribution](key, start, start + share * size, *numbers)
        result = torch.from_numpy(drawn.reshape(share, *shape))
        result = result.to(self.device, torch.get_default_dtype())
        return result.permute(0, 3, 1, 2) if result.dim() == 4 else result

    def per_call(self, path, distribution, first, second, shape):
        """A draw of a layer: calls of its network on different tensors draw apart."""
        call = self.calls.get(path, 0)
        self.calls[path] = call + 1
        return self.draw(f"{path}#{call}", distribution, first, second, shape=shape)


@contextlib.contextmanager
def as_current(current):
    """Layers draw from this one meanwhile."""
    _CURRENT.append(current)
    try:
        yield current
    finally:
        _CURRENT.pop()


def drawing():
    """The drawing of the phase that runs."""
    return _CURRENT[-1]
