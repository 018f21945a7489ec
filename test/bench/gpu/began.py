"""A BEGAN step in PyTorch, on the GPU that PyTorch finds: what a compiled step is compared with.

    python3 test/bench/gpu/began.py 32x16x64x16 64x64x64x16 ...

A setting is size x filters x embedding x batch; the model is that of test/bench/models/began-spec.ts: blocks of two
convolutions that double the size, ELU, 3x3, an autoencoder for D, Adam, the controller. Prints medians in milliseconds:
eager in float32 with TF32 off and on, and the whole step captured as one CUDA graph; each step takes its batch from the host
and reads back both losses, as a run does.
"""

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Decoder(nn.Module):
    def __init__(self, size, filters, embedding):
        super().__init__()
        self.filters = filters
        self.dense = nn.Linear(embedding, 64 * filters)
        self.blocks = nn.ModuleList()
        side = 8
        while side < size:
            self.blocks.append(
                nn.ModuleList([nn.Conv2d(filters, filters, 3, padding=1) for _ in range(2)])
            )
            side *= 2
        self.last = nn.Conv2d(filters, 3, 3, padding=1)

    def forward(self, z):
        x = self.dense(z).view(-1, self.filters, 8, 8)
        for first, second in self.blocks:
            x = F.elu(first(x))
            x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = F.elu(second(x))
        return self.last(x)


class Encoder(nn.Module):
    def __init__(self, size, filters, embedding):
        super().__init__()
        self.first = nn.Conv2d(3, filters, 3, padding=1)
        self.blocks = nn.ModuleList()
        side, n = size, filters
        while side > 8:
            self.blocks.append(
                nn.ModuleList(
                    [nn.Conv2d(n, n, 3, padding=1), nn.Conv2d(n, n + filters, 3, stride=2, padding=1)]
                )
            )
            side, n = side // 2, n + filters
        self.dense = nn.Linear(64 * n, embedding)

    def forward(self, x):
        x = F.elu(self.first(x))
        for first, second in self.blocks:
            x = F.elu(second(F.elu(first(x))))
        return self.dense(x.flatten(1))


def measure(setting, channels_last=False, graph=False):
    size, filters, embedding, batch = map(int, setting.split("x"))
    device = "cuda"
    generator = Decoder(size, filters, embedding).to(device)
    discriminator = nn.Sequential(Encoder(size, filters, embedding), Decoder(size, filters, embedding)).to(device)
    if channels_last:
        generator = generator.to(memory_format=torch.channels_last)
        discriminator = discriminator.to(memory_format=torch.channels_last)
    parameters = [list(net.parameters()) for net in (generator, discriminator)]
    optimizers = [torch.optim.Adam(own, lr=1e-4, capturable=graph) for own in parameters]
    x = (torch.rand(batch, 3, size, size) * 2 - 1).pin_memory()
    z = (torch.rand(batch, embedding) * 2 - 1).pin_memory()
    k = torch.zeros((), device=device)
    given = torch.empty_like(x, device=device), torch.empty_like(z, device=device)
    losses = torch.zeros(2, device=device)

    def energy(v):
        return (v - discriminator(v)).abs().mean()

    def work():
        real, latent = given
        if channels_last:
            real = real.contiguous(memory_format=torch.channels_last)
        fake = generator(latent)
        energy_real, energy_fake = energy(real), energy(fake.detach())
        d = torch.autograd.grad(energy_real - k * energy_fake, parameters[1])
        g_energy = energy(fake)
        g = torch.autograd.grad(g_energy, parameters[0])
        for own, gradients, optimizer in zip(parameters, (g, d), optimizers):
            for parameter, gradient in zip(own, gradients):
                parameter.grad = gradient
            optimizer.step()
        losses.copy_(torch.stack([energy_real.detach(), g_energy.detach()]))
        k.add_(0.001 * (0.5 * losses[0] - losses[1])).clamp_(0, 1)

    run = work
    if graph:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                work()
        torch.cuda.current_stream().wait_stream(side)
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            work()
        run = captured.replay

    def step():
        for there, here in zip(given, (x, z)):
            there.copy_(here, non_blocking=True)
        run()
        losses.tolist()

    for _ in range(20):
        step()
    torch.cuda.synchronize()
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        for _ in range(30):
            step()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begun) / 30 * 1e3)
    count = sum(p.numel() for own in parameters for p in own)
    return count, statistics.median(times)


print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}")
torch.backends.cudnn.benchmark = True
for setting in sys.argv[1:]:
    figures = {}
    for name, tf32, channels_last, graph in (
        ("float32", False, False, False),
        ("float32, one CUDA graph", False, False, True),
        ("float32, channels last", False, True, False),
        ("TF32", True, False, False),
        ("TF32, channels last, one CUDA graph", True, True, True),
    ):
        torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cuda.matmul.allow_tf32 = tf32
        count, figures[name] = measure(setting, channels_last, graph)
    print(f"{setting} ({count:,} parameters): " + "; ".join(f"{name} {ms:.3f} ms" for name, ms in figures.items()))
