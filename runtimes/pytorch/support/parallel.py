"""Several processes, each with its share of every batch, that compute one step together.

Every process holds the same weights and computes the same losses: sums over the batch are sums over
all processes, with gradient. So a loss may relate samples to each other in any way (batch norm, an
entropy of a mean), and the mean of the gradients of all processes is the gradient of one.
"""

import datetime
import os

import torch
import torch.distributed as dist


def rank():
    """The number of this process, from 0; 0 is the one that writes."""
    return dist.get_rank() if dist.is_initialized() else 0


def world():
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def start(device_name, timeout_seconds=600):
    """Joins the processes that torchrun has started, and gives this one's device."""
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device(f"cuda:{local}" if device_name == "cuda" else device_name)
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise SystemExit("error: --device cuda, and PyTorch finds no CUDA device here")
        torch.cuda.set_device(device)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        timeout = datetime.timedelta(seconds=timeout_seconds)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timeout)
    return device


def stop():
    """Leaves the others in order."""
    if dist.is_initialized():
        dist.destroy_process_group()


def barrier():
    """Waits for the others."""
    if dist.is_initialized():
        dist.barrier()


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        total = x.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, cotangent):
        # Every process has read the total, so what flows back is the sum of what they say.
        return _Sum.apply(cotangent)


def total(x):
    """The sum of a tensor over all processes, with gradient."""
    return x if world() == 1 else _Sum.apply(x)


def gather(x):
    """The rows of all processes, in the order of the batch, with gradient."""
    if world() == 1:
        return x
    before = rank() * x.shape[0]
    rows = x.new_zeros(before, *x.shape[1:])
    after = x.new_zeros((world() - 1) * x.shape[0] - before, *x.shape[1:])
    return total(torch.cat((rows, x, after)))


def own_rows(x):
    """This process's share of the rows of a batch."""
    share = x.shape[0] // world()
    return x[rank() * share : (rank() + 1) * share]


def average_gradients(gradients):
    """The mean over all processes of a list of gradients, in one message."""
    if world() == 1:
        return gradients
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    dist.all_reduce(flat)
    parts = torch.split(flat / world(), [gradient.numel() for gradient in gradients])
    return [part.view_as(gradient) for part, gradient in zip(parts, gradients, strict=True)]
