"""A program being trained: phases in order, then the controller; only what is finite is written."""

import contextlib

import numpy as np
import torch

from . import parallel
from .data import Batch
from .draws import Drawing, as_current
from .initial import initialise
from .layers import BatchNorm, Draws
from .names import tensors_of

#: No update can have this name.
CONTROLLER = "@controller"

#: The tensors that an optimiser keeps per parameter, by their names in a checkpoint.
MOMENTS = {
    torch.optim.Adam: {"exp_avg": "adam/m", "exp_avg_sq": "adam/v"},
    torch.optim.RMSprop: {"square_avg": "rmsprop", "momentum_buffer": "rmsprop/velocity"},
    torch.optim.SGD: {"momentum_buffer": "sgd/velocity"},
}

#: In place of a momentum of 0 where a velocity is kept: PyTorch would leave the velocity alone.
TINY = 1e-300


class NotFinite(Exception):
    """A loss, a gradient or a state became NaN or infinite; the state is as it was before."""


class Training:
    """The state of a run. Equations read it as `run`."""

    def __init__(self, program, device, steps=None, seed=None, streams=None, bf16=False):
        if parallel.world() > 1 and program.one_process:
            raise SystemExit(f"error: {program.one_process}, which one process alone can compute")
        if program.batch % parallel.world() != 0:
            raise SystemExit(
                f"error: a batch of {program.batch} cannot be shared by {parallel.world()} "
                "processes: start as many as divide it"
            )
        self.program, self.device, self.bf16 = program, device, bf16
        self.steps = program.steps if steps is None else steps
        self.seed = program.seed if seed is None else seed
        self.streams = {} if streams is None else streams
        self.step, self.stopped = 0, False
        self.hyper = dict(program.hyper)
        self.state = {name: self.number(value) for name, value in program.state.items()}
        self.values = {
            f"{phase.name}/{name}": self.number(0)
            for phase in program.phases
            for name in phase.values
        }
        self.executions = dict.fromkeys([*(phase.name for phase in program.phases), CONTROLLER], 0)
        self.networks = {name: network().to(device) for name, network in program.networks.items()}
        for name, network in self.networks.items():
            for path, module in network.named_modules():
                if isinstance(module, Draws):
                    module.path = "/".join([name, *path.split(".")])
        for name, average in program.averages.items():
            followed = self.networks[average.of].modules()
            for own, other in zip(self.networks[name].modules(), followed, strict=True):
                if isinstance(own, BatchNorm):
                    own.statistics = [other]
        initialise(self.networks, program.averages, self.seed)
        for stream in self.streams.values():
            stream.seek(self.seed, 0, 0)
        self.parameters = {
            tensor.name: tensor
            for name, network in self.networks.items()
            for tensor in tensors_of(name, network)
        }
        self.optimizers = {
            update.name: self.optimizer(update)
            for phase in program.phases
            for update in phase.updates
        }
        self.drawing, self.batches, self.metrics = None, {}, {}
        #: Of the last execution of each phase, by update and parameter; kept for those who look.
        self.gradients = {}

    def number(self, value):
        """A single number of the run's state, which starts in float32 as all state does."""
        return torch.tensor(float(np.float32(value)), device=self.device)

    def trained(self, update):
        """The tensors that an update moves."""
        return [
            tensor
            for tensor in self.parameters.values()
            if isinstance(tensor.value, torch.nn.Parameter)
            and any(tensor.name.startswith(f"{of}/") for of in update.trains)
        ]

    def moments(self, update):
        """What the optimiser of an update keeps: PyTorch's key, and how a checkpoint calls it."""
        kept = MOMENTS[update.optimizer].items()
        return {
            key: f"{update.name}/{name}"
            for key, name in kept
            if update.velocity or "buffer" not in key
        }

    def optimizer(self, update):
        """The optimiser of an update, with all that it keeps at 0."""
        values = [tensor.value for tensor in self.trained(update)]
        optimizer = update.optimizer(values, lr=0.0)
        for value in values:
            optimizer.state[value] = {key: torch.zeros_like(value) for key in self.moments(update)}
            optimizer.state[value]["step"] = torch.tensor(0.0)
        return optimizer

    # What equations ask for.

    @property
    def batch(self):
        """Samples of the phase that runs, of all processes together."""
        return self.drawing.batch

    def noise(self, name, distribution, *numbers, shape=()):
        """A draw, per sample of the batch."""
        return self.drawing.draw(name, distribution, *numbers, shape=shape)

    def data(self, stream):
        """The next examples of a stream, the same ones wherever a phase reads it."""
        return self.examples_of(stream).examples()

    def labels(self, stream):
        """The classes of the same examples."""
        return self.examples_of(stream).labels()

    def classes_in_turn(self, classes):
        """All classes one after the other, where an output asks for labels and has no data."""
        numbers = torch.arange(self.batch, device=self.device) % classes
        return numbers.to(torch.get_default_dtype())

    def examples_of(self, stream):
        """The batch of a stream in this execution."""
        if stream not in self.batches:
            self.batches[stream] = Batch(self.streams[stream], self.batch, self.device)
        return self.batches[stream]

    # A step.

    def take_step(self):
        """All phases in order, each as often as it repeats, then the controller."""
        for phase in self.program.phases:
            for _ in range(self.repetitions(phase)):
                self.execute(phase)
        self.control()
        self.step += 1

    def repetitions(self, phase):
        """`repeat`, in the steps that `every` lets through."""
        if self.step % phase.every(self) != 0:
            return 0
        times = phase.repeat(self)
        if times != int(times) or times < 0:
            raise SystemExit(
                f"error: phase {phase.name} would repeat {times} times at step {self.step + 1}"
            )
        return int(times)

    @contextlib.contextmanager
    def drawing_for(self, place, seed, execution, batch):
        """Noise and data of one execution of a phase or of an output."""
        self.batches = {}
        self.drawing = Drawing(place, seed, execution, batch, self.device)
        cast = torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)
        with as_current(self.drawing), cast, self.device:
            yield

    def execute(self, phase):
        """One execution: losses, gradients, and where all is finite, a step of every optimiser."""
        execution = self.executions[phase.name]
        for update in phase.updates:
            self.bound(update, update.bounds_before(self))
        for network in self.networks.values():
            network.train()
        batch = self.program.batch * phase.batch
        with self.drawing_for(phase.name, self.seed, execution, batch):
            losses, values = phase.losses(self)
        checks = {f"the loss of `{name}`": loss for name, loss in losses.items()}
        steps = []
        for i, update in enumerate(phase.updates):
            tensors = self.trained(update)
            gradients = torch.autograd.grad(
                losses[update.name],
                [tensor.value for tensor in tensors],
                retain_graph=i + 1 < len(phase.updates),
                materialize_grads=True,
            )
            gradients = self.clipped(update, parallel.average_gradients(list(gradients)))
            for tensor, gradient in zip(tensors, gradients, strict=True):
                name = f"{update.name}/{tensor.name}"
                self.gradients[name] = gradient
                checks[f"the gradient of `{name}`"] = gradient
            steps.append((update, tensors, gradients))
        checks |= {f"the value `{name}`": value for name, value in values.items()}
        self.require_finite(checks, f"in phase `{phase.name}`")
        for update, tensors, gradients in steps:
            self.move(update, tensors, gradients, execution)
            self.bound(update, update.bounds_after(self))
        for network in self.networks.values():
            settle(network, keep=True)
        for name in phase.values:
            self.values[f"{phase.name}/{name}"] = torch.as_tensor(values[name]).detach()
        self.executions[phase.name] = execution + 1

    @torch.no_grad()
    def clipped(self, update, gradients):
        """Scaled down to a norm of all together (Pascanu et al. 2013), or cut number by number."""
        limit = update.clip_value(self)
        if limit is not None:
            return [gradient.clamp(-float(limit), float(limit)) for gradient in gradients]
        limit = update.clip_norm(self)
        if limit is None:
            return gradients
        norm = torch.sqrt(sum(gradient.square().sum() for gradient in gradients))
        factor = limit / torch.clamp(norm, min=float(limit))
        return [gradient * factor for gradient in gradients]

    @torch.no_grad()
    def bound(self, update, bounds):
        """Keeps the parameters of an update within bounds, where there are any."""
        if bounds is None:
            return
        low, high = (float(bound) for bound in bounds)
        for tensor in self.trained(update):
            tensor.value.clamp_(low, high)

    def move(self, update, tensors, gradients, execution):
        """A step of the optimiser, with its numbers as they are now."""
        optimizer = self.optimizers[update.name]
        (group,) = optimizer.param_groups
        group.update(update.settings(self))
        if update.velocity and group["momentum"] == 0:
            group["momentum"] = TINY
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.value.grad = gradient.to(tensor.value.dtype)
            optimizer.state[tensor.value]["step"].fill_(execution)
        optimizer.step()
        optimizer.zero_grad()

    @torch.no_grad()
    def control(self):
        """Metrics, and all state of the objective at once, from old values."""
        with self.device:
            metrics, moves, stopped = self.program.controller(self)
        followed = []
        for name, average in self.program.averages.items():
            decay = average.decay(self)
            others = self.networks[average.of].parameters()
            for own, other in zip(self.networks[name].parameters(), others, strict=True):
                followed.append((own, own * decay + other * (1 - decay)))
        checks = {f"the state `{name}`": value for name, value in moves.items()}
        checks |= {f"an average, number {i}": value for i, (_, value) in enumerate(followed)}
        self.require_finite(checks, "in the controller")
        for name, value in moves.items():
            self.state[name] = value.detach().clone()
        for own, value in followed:
            own.copy_(value)
        self.executions[CONTROLLER] += 1
        self.metrics = {name: float(value) for name, value in metrics.items()}
        self.stopped = bool(stopped)

    def require_finite(self, checks, place):
        """Raises NotFinite, and forgets what was computed, where anything is not finite."""
        tensors = [torch.as_tensor(value, device=self.device) for value in checks.values()]
        if not tensors or bool(torch.stack([torch.isfinite(x).all() for x in tensors]).all()):
            return
        for network in self.networks.values():
            settle(network, keep=False)
        wrong = [
            name for name, x in zip(checks, tensors, strict=True) if not torch.isfinite(x).all()
        ]
        raise NotFinite(f"step {self.step + 1}, {place}: {wrong[0]} is not finite")

    @torch.no_grad()
    def output(self, name, count, seed=0):
        """An output for `count` examples: noise from a seed, data and classes from the first on."""
        for network in self.networks.values():
            network.eval()
        with self.drawing_for(name, seed, 0, count):
            self.batches = {
                name: First(stream, count, self.device) for name, stream in self.streams.items()
            }
            return self.program.outputs[name](self)


class First(Batch):
    """The first examples of a stream, unmirrored; after the last comes the first again."""

    def __init__(self, stream, count, device):
        self.stream, self.device = stream, device
        self.numbers = np.arange(count) % stream.count
        self.mirrored = self.numbers < 0


def settle(network, keep):
    """Writes or forgets what a phase has moved of running statistics."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, BatchNorm):
                module.settle(keep)
