"""The bench's networks and training steps in PyTorch, driven line by line: JSON in, JSON out.

    {"make": {"name": ..., "objective": "began", ...}}  -> {"parameters": ..., "torch": ...}
    {"step": NAME, "times": 3}                          -> {"wall": ms, "processor": ms}   per step
    {"forward": NAME, "times": 3}                       -> the same, for the generator alone without a tape

`shared` steps take both gradients of BEGAN through one pass of D over the fakes, as the compiler does.
"""

import json
import math
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
torch.manual_seed(1)


def same(value, stride):
    """TensorFlow's SAME for a 3x3 convolution of stride 2 on an even size: one row and column after."""
    return F.pad(value, (0, 1, 0, 1)) if stride == 2 else value


class Conv(nn.Conv2d):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__(inputs, outputs, 3, stride=stride, padding=0 if stride == 2 else 1)

    def forward(self, value):
        return super().forward(same(value, self.stride[0]))


class Blended(nn.Module):
    """carry * v + (1 - carry) * layers(v)"""

    def __init__(self, filters, carry):
        super().__init__()
        self.conv = Conv(filters, filters)
        self.carry = carry

    def forward(self, value):
        out = F.elu(self.conv(value))
        return out if self.carry is None else torch.lerp(out, value, self.carry)


class Decoder(nn.Module):
    def __init__(self, size, filters, embedding, layout, skip, carry):
        super().__init__()
        self.filters, self.layout, self.skip = filters, layout, skip
        self.dense = nn.Linear(embedding, 64 * filters)
        levels = int(math.log2(size // 8)) + (layout == "after")
        self.entries = nn.ModuleList(
            [Conv(filters * (2 if skip and level > 0 else 1), filters) for level in range(levels)]
        )
        self.blends = nn.ModuleList([Blended(filters, carry) for _ in range(levels)])
        self.last = Conv(filters, 3)

    def forward(self, z):
        h0 = value = self.dense(z).view(-1, self.filters, 8, 8)
        for level, (entry, blend) in enumerate(zip(self.entries, self.blends)):
            if level > 0 and self.layout == "after":
                value = F.interpolate(value, scale_factor=2, mode="nearest")
            if level > 0 and self.skip:
                value = torch.cat([value, F.interpolate(h0, size=value.shape[2:], mode="nearest")], 1)
            value = F.elu(entry(value))
            if self.layout == "inside":
                value = F.interpolate(value, scale_factor=2, mode="nearest")
            value = blend(value)
        return self.last(value)


class Encoder(nn.Module):
    def __init__(self, size, filters, embedding, layout, carry):
        super().__init__()
        levels = int(math.log2(size // 8))
        layers = [Conv(3, filters), nn.ELU()]
        channels = filters
        for level in range(levels):
            if layout == "after":
                grown = filters * (level + 1)
                layers += [Conv(channels, grown), nn.ELU(), Blended(grown, carry)]
                layers += [Conv(grown, grown, stride=2), nn.ELU()]
            else:
                grown = filters * (level + 2)
                layers += [Blended(channels, carry), Conv(channels, grown, stride=2), nn.ELU()]
            channels = grown
        if layout == "after":
            grown = filters * (levels + 1)
            layers += [Conv(channels, grown), nn.ELU(), Conv(grown, grown), nn.ELU()]
            channels = grown
        self.layers = nn.Sequential(*layers)
        self.dense = nn.Linear(64 * channels, embedding)

    def forward(self, value):
        return self.dense(self.layers(value).flatten(1))


class Up(nn.Module):
    def forward(self, value):
        return F.interpolate(value, scale_factor=2, mode="nearest")


def plain_generator(filters, embedding):
    n = filters
    return nn.Sequential(
        nn.Linear(embedding, 64 * 2 * n), nn.Unflatten(1, (2 * n, 8, 8)), nn.ReLU(),
        Up(), Conv(2 * n, 2 * n), nn.ReLU(), Up(), Conv(2 * n, n), nn.ReLU(), Conv(n, 3), nn.Tanh(),
    )  # fmt: skip


def critic(filters):
    n = filters
    return nn.Sequential(
        Conv(3, n, 2), nn.LeakyReLU(0.2), Conv(n, 2 * n, 2), nn.LeakyReLU(0.2),
        Conv(2 * n, 4 * n, 2), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(16 * 4 * n, 1),
    )  # fmt: skip


class System:
    def __init__(self, objective, size, filters, embedding, batch, channels_last=False, **own):
        if objective == "began":
            layout = own["layout"]
            carry = 0.5 if own["carry"] else None
            self.generator = Decoder(size, filters, embedding, layout, own["skip"], carry)
            self.discriminator = nn.Sequential(
                Encoder(size, filters, embedding, layout, carry),
                Decoder(size, filters, embedding, layout, own["skip"], carry),
            )
            make = lambda own: torch.optim.Adam(own, lr=1e-4)
            self.step = self.began_shared if own["shared"] else self.began
        else:
            self.generator, self.discriminator = plain_generator(filters, embedding), critic(filters)
            if objective == "wgan":
                make = lambda own: torch.optim.RMSprop(own, lr=1e-4)
            else:
                make = lambda own: torch.optim.Adam(own, lr=1e-4, betas=(0.0, 0.9))
            self.step = self.wgan if objective == "wgan" else self.wgan_gp
        self.x = torch.rand(batch, 3, size, size) * 2 - 1
        self.z = torch.rand(batch, embedding) * 2 - 1
        if channels_last:
            layout = torch.channels_last
            self.generator, self.discriminator = self.generator.to(memory_format=layout), self.discriminator.to(memory_format=layout)
            self.x = self.x.contiguous(memory_format=layout)
        self.of_generator, self.of_discriminator = [list(net.parameters()) for net in (self.generator, self.discriminator)]
        self.generator_optimizer, self.discriminator_optimizer = make(self.of_generator), make(self.of_discriminator)
        self.k = 0.3

    @property
    def parameters(self):
        return sum(p.numel() for p in self.of_generator + self.of_discriminator)

    def energy(self, value):
        return (value - self.discriminator(value)).abs().mean()

    @staticmethod
    def move(parameters, gradients, optimizer):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        optimizer.step()

    def control(self, real, fake):
        real, fake = real.item(), fake.item()
        self.k = min(1.0, max(0.0, self.k + 0.001 * (0.5 * real - fake)))

    def began(self):
        fake = self.generator(self.z)
        real_energy, fake_energy = self.energy(self.x), self.energy(fake.detach())
        ours = torch.autograd.grad(real_energy - self.k * fake_energy, self.of_discriminator)
        generator_energy = self.energy(fake)
        theirs = torch.autograd.grad(generator_energy, self.of_generator)
        self.move(self.of_discriminator, ours, self.discriminator_optimizer)
        self.move(self.of_generator, theirs, self.generator_optimizer)
        self.control(real_energy, generator_energy)

    def began_shared(self):
        fake = self.generator(self.z)
        leaf = fake.detach().requires_grad_()
        fake_energy = self.energy(leaf)
        *of_fake, pulled = torch.autograd.grad(fake_energy, [*self.of_discriminator, leaf])
        real_energy = self.energy(self.x)
        of_real = torch.autograd.grad(real_energy, self.of_discriminator)
        ours = torch._foreach_add(list(of_real), of_fake, alpha=-self.k)
        theirs = torch.autograd.grad(fake, self.of_generator, pulled)
        self.move(self.of_discriminator, ours, self.discriminator_optimizer)
        self.move(self.of_generator, theirs, self.generator_optimizer)
        self.control(real_energy, fake_energy)

    def of_the_generator(self):
        loss = -self.discriminator(self.generator(self.z)).mean()
        self.move(self.of_generator, torch.autograd.grad(loss, self.of_generator), self.generator_optimizer)
        loss.item()

    def distance(self):
        with torch.no_grad():
            fake = self.generator(self.z)
        return fake, self.discriminator(self.x).mean() - self.discriminator(fake).mean()

    def wgan(self):
        _, distance = self.distance()
        self.move(self.of_discriminator, torch.autograd.grad(-distance, self.of_discriminator), self.discriminator_optimizer)
        with torch.no_grad():
            for parameter in self.of_discriminator:
                parameter.clamp_(-0.01, 0.01)
        distance.item()
        self.of_the_generator()

    def wgan_gp(self):
        fake, distance = self.distance()
        u = torch.rand(len(self.x), 1, 1, 1)
        mixed = (self.x + u * (fake - self.x)).requires_grad_()
        (slope,) = torch.autograd.grad(self.discriminator(mixed).sum(), mixed, create_graph=True)
        penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        loss = 10 * penalty - distance
        self.move(self.of_discriminator, torch.autograd.grad(loss, self.of_discriminator), self.discriminator_optimizer)
        distance.item(), penalty.item()
        self.of_the_generator()

    def forward(self):
        with torch.no_grad():
            self.generator(self.z)


def timed(act, times):
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(times):
        act()
    return {
        "wall": (time.perf_counter() - wall) * 1e3 / times,
        "processor": (time.process_time() - processor) * 1e3 / times,
    }


systems = {}
for line in sys.stdin:
    order = json.loads(line)
    if "make" in order:
        options = dict(order["make"])
        system = systems[options.pop("name")] = System(**options)
        answer = {"parameters": system.parameters, "torch": torch.__version__}
    elif "step" in order:
        answer = timed(systems[order["step"]].step, order["times"])
    else:
        answer = timed(systems[order["forward"]].forward, order["times"])
    print(json.dumps(answer), flush=True)
