"""The functions that equations of a spec are made of, with the meaning that the spec gives them.

Pictures are N x C x H x W. Numbers per sample have one axis, single numbers none. A reduction says
over what: `all` gives one number of the whole batch, on all processes together; `sample` one number
per sample; `batch` reduces the batch alone; `here` is for a tensor that has no batch.
"""

import math

import torch
import torch.nn.functional as F

from . import parallel


def tensor(x):
    """A number as a tensor, a tensor as it is."""
    return x if isinstance(x, torch.Tensor) else torch.tensor(float(x))


def truth(x):
    """What a comparison gives: 1 or 0."""
    return x.to(torch.get_default_dtype()) if isinstance(x, torch.Tensor) else float(x)


def holds(x):
    """The condition of `where`: everything but 0."""
    return x if isinstance(x, torch.Tensor) and x.dtype == torch.bool else tensor(x) != 0


def where(condition, a, b):
    """a where the condition holds, else b."""
    a, b = torch.broadcast_tensors(tensor(a), tensor(b))
    return torch.where(holds(condition), a, b)


def stop(x):
    """x, through which no gradient flows."""
    return tensor(x).detach()


def differentiable(x):
    """x, with respect to which `grad` may differentiate."""
    x = tensor(x)
    return x if x.requires_grad else x.detach().requires_grad_()


def grad(of, x, shared=False):
    """The gradient of one number, or of one per sample, in x; can be differentiated again.

    `shared` says that x is no part of the batch: all processes have the same one.
    """
    if not (isinstance(of, torch.Tensor) and of.requires_grad):
        return torch.zeros_like(x)
    (slope,) = torch.autograd.grad(
        of.sum(), x, create_graph=True, allow_unused=True, materialize_grads=True
    )
    if shared:
        slope = parallel.total(slope)
    # Each process has differentiated its own copy of a number of the whole batch.
    return slope / parallel.world() if of.dim() == 0 else slope


def maximum(a, b):
    """The larger of two; where they are equal the gradient goes to the first."""
    a, b = tensor(a), tensor(b)
    return torch.where((b > a) | torch.isnan(b), b, a)


def minimum(a, b):
    """The smaller of two; where they are equal the gradient goes to the first."""
    a, b = tensor(a), tensor(b)
    return torch.where((b < a) | torch.isnan(b), b, a)


def clip(x, low, high):
    """x kept between low and high."""
    return minimum(maximum(x, low), high)


def relu(x):
    """max(x, 0), with the slope 1 at 0."""
    return tensor(x).clamp(min=0)


hinge = relu


def sloped(x, slope):
    """x where x > 0, slope x elsewhere."""
    return torch.where(x > 0, x, x * slope)


def square(x):
    """x * x"""
    return x * x


def sqrt(x):
    """The square root, with the slope 0 at 0."""
    x = tensor(x)
    zero = x == 0
    return torch.where(zero, x.new_zeros(()), torch.sqrt(torch.where(zero, x.new_ones(()), x)))


def power(x, exponent):
    """x to the power of an exponent."""
    return torch.pow(tensor(x), exponent)


def modulo(x, y):
    """The rest of a division, with the sign of y."""
    return x - y * floor(x / y)


def floor(x):
    """The largest whole number not above x."""
    return torch.floor(tensor(x)).detach()


def exp(x):
    """e to the power of x."""
    return torch.exp(tensor(x))


def log(x):
    """The natural logarithm."""
    return torch.log(tensor(x))


def log2(x):
    """The logarithm to base 2."""
    return torch.log(tensor(x)) * math.log2(math.e)


def sign(x):
    """-1, 0 or 1."""
    return torch.sign(tensor(x)).detach()


def tanh(x):
    """The hyperbolic tangent."""
    return torch.tanh(tensor(x))


def sigmoid(x):
    """1 / (1 + exp(-x))"""
    return torch.sigmoid(tensor(x))


def softplus(x):
    """log(1 + exp(x))"""
    # PyTorch's own threshold of 20 would give x itself from there on.
    return F.softplus(tensor(x), threshold=34.0)


def elu(x):
    """x where x > 0, exp(x) - 1 elsewhere."""
    return F.elu(tensor(x))


def selu(x):
    """The scaled exponential linear unit (Klambauer et al. 2017)."""
    return F.selu(tensor(x))


def log_prob_normal(x, mean, deviation):
    """The log density of a normal at x, element by element."""
    z = (x - mean) / deviation
    return -0.5 * z * z - (log(deviation) + 0.5 * math.log(2 * math.pi))


def _axes(x, per):
    return tuple(range(x.dim()))[
        {"sample": slice(1, None), "batch": slice(0, 1)}.get(per, slice(None))
    ]


def sum(x, per="all"):
    """The sum."""
    axes = _axes(x, per)
    own = x.sum(axes) if axes else x
    return parallel.total(own) if per in ("all", "batch") else own


def mean(x, per="all"):
    """The mean."""
    axes = _axes(x, per)
    count = math.prod(x.shape[axis] for axis in axes)
    if per in ("all", "batch"):
        count *= parallel.world()
    return sum(x, per) / count


def var(x, per="all"):
    """The variance of the population."""
    centre = mean(x, per)
    if per == "sample":
        centre = centre.view(-1, *[1] * (x.dim() - 1))
    return mean(square(x - centre), per)


def std(x, per="all"):
    """The standard deviation of the population, with the slope 0 at 0."""
    return sqrt(var(x, per))


def norm(x, per="all"):
    """The square root of the sum of squares, with the slope 0 at 0."""
    return sqrt(sum(square(x), per))


def largest(x, per="all"):
    """The largest number; equal ones share the gradient."""
    axes = _axes(x, per)
    if not axes:
        return x
    return torch.amax(parallel.gather(x) if per in ("all", "batch") else x, axes)


def smallest(x, per="all"):
    """The smallest number; equal ones share the gradient."""
    return -largest(-x, per)


def softmax(x, dim=-1):
    """Probabilities from logits."""
    return torch.softmax(x, dim)


def log_softmax(x, dim=-1):
    """Log probabilities from logits."""
    return torch.log_softmax(x, dim)


def logsumexp(x, dim=-1):
    """The log of the sum of exponentials."""
    return torch.logsumexp(x, dim)


def entropy(p, dim=-1):
    """-sum p log p of probabilities; 0 log 0 is 0."""
    return -(p * torch.log(p.clamp(min=1e-30))).sum(dim)


def one_hot(y, classes):
    """1 at the class, 0 elsewhere: one number per class."""
    return truth(y.unsqueeze(-1) == torch.arange(classes, device=y.device))


def at_class(x, y):
    """The number of x at the class y, per sample."""
    return (x * one_hot(y, x.shape[-1])).sum(-1)


def cross_entropy(logits, y):
    """-log softmax(logits) at the class y, per sample."""
    return logsumexp(logits) - at_class(logits, y)


def argmax(x, dim=-1):
    """The class with the largest number, the last of equals."""
    top = x == x.amax(dim, keepdim=True)
    numbers = torch.arange(x.shape[dim], device=x.device).to(x.dtype)
    numbers = numbers.view(-1, *[1] * (x.dim() - 1 - dim % x.dim()))
    return (truth(top) * numbers).amax(dim).detach()


def matmul(a, b):
    """The matrix product of two matrices."""
    return a @ b


def transpose(a):
    """Rows and columns exchanged."""
    return a.T


def gram(x):
    """The product of every sample with every other: one row and one column per sample."""
    return x @ parallel.gather(x).T


def sort(x):
    """One number per sample in ascending order, of the whole batch."""
    return parallel.own_rows(torch.sort(parallel.gather(x), dim=0, stable=True).values)


def join(*parts):
    """Vectors per sample, one behind the other."""
    return torch.cat([part.reshape(part.shape[0], -1) for part in parts], dim=1)
