"""Trains exported programs for tests: one command per line, as JSON; one answer per line, one more
when it has started.

{"train": FOLDER, "steps": N, "from": STEP, "float64": BOOL, "record": FILE} trains, and gives the
traces; gradients at the first and the last step and what every tensor has changed by go to FILE.
With torchrun, every process is given the commands of process 0, and process 0 answers.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path

import safetensors.numpy
import torch


def load(folder):
    """The program in a folder, with its own `support`."""
    for name in list(sys.modules):
        if name.split(".")[0] in ("model", "support"):
            del sys.modules[name]
    sys.path.insert(0, folder)
    try:
        importlib.invalidate_caches()
        program = importlib.import_module("model").PROGRAM
        return program, *(
            importlib.import_module(f"support.{name}") for name in ("training", "data", "names")
        )
    finally:
        sys.path.pop(0)


def learned(run, names):
    """Every parameter and running statistic, as in a checkpoint."""
    return {
        name: tensor.value.detach().double().permute(names.layout(tensor)).clone()
        for name, tensor in run.parameters.items()
    }


def train(command):
    """Runs a program and takes down what two runs are compared by."""
    torch.set_default_dtype(torch.float64 if command["float64"] else torch.float32)
    folder = command["train"]
    program, training, data, names = load(folder)
    streams = data.open_streams(program.streams, Path(folder) / "data", {})
    run = training.Training(program, torch.device("cpu"), streams=streams)
    run.step = command["from"]
    start = learned(run, names)
    tensors, trace = {}, {}
    for step in range(1, command["steps"] + 1):
        run.take_step()
        numbers = run.metrics | {f"state/{name}": float(value) for name, value in run.state.items()}
        for name, value in numbers.items():
            trace.setdefault(name, []).append(value)
        if step not in (1, command["steps"]):
            continue
        for name, gradient in run.gradients.items():
            tensor = run.parameters[name.split("/", 1)[1]]
            at = "1" if step == 1 else "20"
            tensors[f"gradient/{at}/{name}"] = gradient.double().permute(names.layout(tensor))
    for name, value in learned(run, names).items():
        tensors[f"change/{name}"] = value - start[name]
    if command["rank"] == 0:
        arrays = {name: value.float().contiguous().numpy() for name, value in tensors.items()}
        safetensors.numpy.save_file(arrays, command["record"])
    return {"trace": trace}


def commands():
    """Of process 0, for every process."""
    import torch.distributed as dist

    while True:
        line = [sys.stdin.readline() if not dist.is_initialized() or dist.get_rank() == 0 else None]
        if dist.is_initialized():
            dist.broadcast_object_list(line)
        if not line[0]:
            return
        yield json.loads(line[0])


def main():
    """Answers until there is nothing more to read."""
    import os

    import torch.distributed as dist

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(1)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        dist.init_process_group("gloo")
    rank = dist.get_rank() if dist.is_initialized() else 0
    if rank == 0:
        answers.write('{"trace": {}}\n')
        answers.flush()
    for command in commands():
        try:
            answer = train(command | {"rank": rank})
        except BaseException as error:
            answer = {"error": f"{error}\n{traceback.format_exc()}"}
        if rank == 0:
            answers.write(json.dumps(answer).replace("NaN", "null") + "\n")
            answers.flush()


main()
