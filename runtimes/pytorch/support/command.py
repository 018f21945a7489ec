"""The command line of an exported program."""

import argparse
import csv
import os
import signal
import sys
import time
from pathlib import Path

import torch
import torch._functorch.config

from . import checkpoint, parallel
from .data import open_streams
from .training import NotFinite, Training


def parser(program):
    """The options of `train.py`."""
    options = argparse.ArgumentParser(description=program.title)
    options.add_argument("--out", default="run", help="run folder (default: %(default)s)")
    options.add_argument(
        "--seed", type=int, help=f"of weights, noise and data order ({program.seed})"
    )
    options.add_argument("--steps", type=int, help=f"training steps in all ({program.steps})")
    options.add_argument("--resume", metavar="RUN", help="go on from a run folder or a checkpoint")
    options.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    options.add_argument("--compile", action="store_true", help="torch.compile for the networks")
    options.add_argument(
        "--data",
        metavar="NAME=FOLDER",
        action="append",
        default=[],
        help="a folder of pictures instead of the packed examples of a stream",
    )
    # Not `--log`: torchrun would take that for the beginning of an option of its own.
    options.add_argument(
        "--log-every", type=int, default=program.log, help="steps between rows of metrics"
    )
    options.add_argument(
        "--save-every", type=int, default=program.checkpoint, help="steps between checkpoints"
    )
    return options


def train(program, folder):
    """Trains to the last step, or to where the controller ends the run."""
    options = parser(program).parse_args()
    if options.compile and program.differentiates_twice:
        raise SystemExit(
            "error: --compile cannot differentiate twice, and a loss of this program does"
        )
    device = parallel.start(options.device)
    instead = dict(entry.split("=", 1) for entry in options.data)
    streams = open_streams(program.streams, Path(folder) / "data", instead)
    run = Training(program, device, options.steps, options.seed, streams, options.bf16)
    out = Path(options.out)
    if options.resume is not None:
        checkpoint.restore(run, checkpoint.newest(options.resume))
        if options.out == "run" and Path(options.resume).is_dir():
            out = Path(options.resume)
    elif (out / "checkpoints").exists():
        raise SystemExit(
            f"error: {out} holds a run; go on with --resume {out}, or say --out FOLDER"
        )
    if options.compile:
        # Several losses go back through one pass, so what it has kept may not be overwritten.
        if hasattr(torch._functorch.config, "donated_buffer"):
            torch._functorch.config.donated_buffer = False
        for network in run.networks.values():
            network.compile()
    try:
        Loop(run, out, folder, options).run()
    except NotFinite as problem:
        raise SystemExit(
            f"error: {problem}; all state was left as it was before. {last(out)}"
        ) from problem
    except RuntimeError as problem:
        if parallel.world() == 1:
            raise
        sys.stderr.write(
            f"error: process {parallel.rank()} lost the others in step {run.step + 1}: one of them "
            f"has stopped. {last(out)}\n{problem}\n"
        )
        sys.stderr.flush()
        # The others cannot be taken leave of.
        os._exit(1)
    parallel.stop()


def last(out):
    """What a run that has ended too early can be continued from."""
    try:
        return f"Go on from {checkpoint.newest(out)} with --resume {out}"
    except SystemExit:
        return "There is no checkpoint yet"


def ended_by_torchrun(number, frame):
    """Mostly because another process has stopped: there is time to say so, and once is enough."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise RuntimeError("torchrun has ended this process")


class Loop:
    """Steps, rows of metrics and checkpoints. One process writes."""

    def __init__(self, run, out, folder, options):
        self.training, self.out, self.folder, self.options = run, out, folder, options
        self.asked_to_stop = False

    def run(self):
        """To the end of the run, or of the step in which Ctrl-C comes."""
        run, options = self.training, self.options
        if parallel.world() == 1:
            signal.signal(signal.SIGINT, self.ask_to_stop)
        else:
            signal.signal(signal.SIGTERM, ended_by_torchrun)
        began, saved = time.monotonic(), run.step
        while run.step < run.steps and not run.stopped and not self.asked_to_stop:
            run.take_step()
            ends = run.step == run.steps or run.stopped
            seconds = time.monotonic() - began
            if run.step % options.log_every == 0 or ends:
                self.report(seconds)
            if run.step % options.save_every == 0 or ends or self.asked_to_stop:
                checkpoint.save_in_turn(run, self.out, self.folder, seconds)
                saved = run.step
        if self.asked_to_stop:
            raise SystemExit(f"stopped after step {saved}. {last(self.out)}")

    def ask_to_stop(self, number, frame):
        """Ctrl-C; the second one stops at once."""
        self.asked_to_stop = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def report(self, seconds):
        """A row of metrics, printed and in metrics.csv."""
        if parallel.rank() != 0:
            return
        run = self.training
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / "metrics.csv"
        row = {"step": run.step, "seconds": round(seconds, 3), **run.metrics}
        fresh = not path.exists()
        with open(path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        numbers = "  ".join(f"{name} {value:.5g}" for name, value in run.metrics.items())
        print(f"step {run.step}  {numbers}", flush=True)


def sample(program, folder):
    """Writes an output of a checkpoint as a safetensors file, and pictures as one PNG."""
    from .pictures import write_samples

    options = argparse.ArgumentParser(description=f"Samples of: {program.title}")
    options.add_argument(
        "run", help="run folder or checkpoint, of this program or of began-compile"
    )
    names = list(program.outputs)
    options.add_argument("--output", choices=names, default=names[0] if names else None)
    options.add_argument("--count", type=int, default=16)
    options.add_argument("--seed", type=int, default=0, help="of the noise")
    options.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options.add_argument("--out", default="samples", help="files are OUT.safetensors and OUT.png")
    options = options.parse_args()
    if options.output is None:
        raise SystemExit("error: the spec has no outputs")
    device = torch.device(options.device)
    packed = Path(folder) / "data"
    present = {
        name: stream
        for name, stream in program.streams.items()
        if (packed / f"{name}.npy").exists()
    }
    run = Training(program, device, streams=open_streams(present, packed, {}))
    checkpoint.restore(run, checkpoint.newest(options.run))
    values = run.output(options.output, options.count, options.seed)
    for path in write_samples(values, program, options.out, options.output):
        print(path)
