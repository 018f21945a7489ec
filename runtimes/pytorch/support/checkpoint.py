"""A run in one file, in the layout of began-compile: each goes on where the other stopped."""

import json
import os
import platform
import zlib
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch

from . import parallel
from .names import from_canonical, to_canonical

FORMAT = "began-compile checkpoint 1"


class Unusable(SystemExit):
    """A file that is no checkpoint of this program."""

    def __init__(self, path, why):
        super().__init__(f"error: {path} cannot be gone on with: {why}")


def collect(run):
    """Every state tensor of a run by its name."""
    tensors = {name: to_canonical(tensor, tensor.value) for name, tensor in run.parameters.items()}
    for update, key, name, tensor in moments(run):
        tensors[name] = to_canonical(tensor, run.optimizers[update].state[tensor.value][key])
    numbers = {f"state/{name}": value for name, value in run.state.items()}
    numbers |= {f"value/{name}": value for name, value in run.values.items()}
    numbers |= {f"finite/{name}": 1.0 for name in run.executions}
    return tensors | {name: np.array(float(value), np.float32) for name, value in numbers.items()}


def moments(run):
    """Of every optimiser and parameter: update, key in PyTorch, name in a checkpoint, parameter."""
    for phase in run.program.phases:
        for update in phase.updates:
            for key, name in run.moments(update).items():
                for tensor in run.trained(update):
                    yield update.name, key, f"{name}/{tensor.name}", tensor


def spec_text(run, folder):
    """The spec, with the number of steps that this run has."""
    text = (Path(folder) / "spec.yaml").read_text(encoding="utf-8")
    start, end = run.program.steps_at
    return f"{text[:start]}{run.steps}{text[end:]}"


def save(run, path, folder, seconds):
    """Writes a checkpoint beside its place and renames it: what bears the name is whole."""
    tensors = collect(run)
    order = sorted(tensors, key=str.encode)
    checksum = 0
    for name in order:
        checksum = zlib.crc32(tensors[name].astype("<f4").tobytes(), checksum)
    progress = {
        "seed": run.seed,
        "step": run.step,
        "executions": run.executions,
        "cursors": {
            name: {"epoch": stream.epoch, "position": stream.position}
            for name, stream in run.streams.items()
        },
        "hyper": run.hyper,
        "stopped": run.stopped,
    }
    metadata = {
        "format": FORMAT,
        "spec": spec_text(run, folder),
        "spec_name": "spec.yaml",
        "engine": f"pytorch {run.device.type}",
        "versions": json.dumps({"torch": torch.__version__, "python": platform.python_version()}),
        "extra": json.dumps({"seconds": f"{seconds:.1f}"}),
        "progress": json.dumps(progress),
        "checksum": str(checksum),
    }
    beside = path.with_name(f".{path.name}.writing")
    with open(beside, "wb") as file:
        file.write(safetensors.numpy.save({name: tensors[name] for name in order}, metadata))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def read(path):
    """Metadata and tensors of a checkpoint file, whose checksum is right."""
    content = Path(path).read_bytes()
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        tensors = safetensors.numpy.load(content)
    except Exception as error:
        raise Unusable(path, f"it is no safetensors file ({error})") from error
    metadata = header.pop("__metadata__", {})
    if metadata.get("format") != FORMAT:
        raise Unusable(path, f"it is no `{FORMAT}`")
    checksum = 0
    for name in sorted(header, key=lambda name: header[name]["data_offsets"]):
        checksum = zlib.crc32(tensors[name].tobytes(), checksum)
    if metadata["checksum"] != str(checksum):
        raise Unusable(path, "its checksum is wrong")
    return metadata, tensors


@torch.no_grad()
def restore(run, path):
    """Continues a run from a checkpoint of either."""
    metadata, tensors = read(path)
    expected = {name: array.shape for name, array in collect(run).items()}
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors or name not in expected:
            where_ = "is missing" if name in expected else "is unknown to this program"
            raise Unusable(path, f"`{name}` {where_}")
        if tensors[name].shape != expected[name] or tensors[name].dtype != np.float32:
            raise Unusable(path, f"`{name}` is {tensors[name].dtype} {list(tensors[name].shape)}")
    for name, tensor in run.parameters.items():
        tensor.value.copy_(from_canonical(tensor, tensors[name]))
    for update, key, name, tensor in moments(run):
        moment = run.optimizers[update].state[tensor.value][key]
        moment.copy_(from_canonical(tensor, tensors[name]))
    for name in run.state:
        run.state[name] = run.number(tensors[f"state/{name}"])
    for name in run.values:
        run.values[name] = run.number(tensors[f"value/{name}"])
    progress = json.loads(metadata["progress"])
    run.seed, run.step, run.stopped = (
        progress["seed"],
        progress["step"],
        progress.get("stopped", False),
    )
    run.executions = {name: progress["executions"].get(name, 0) for name in run.executions}
    run.hyper = {name: progress["hyper"].get(name, value) for name, value in run.hyper.items()}
    for name, stream in run.streams.items():
        cursor = progress["cursors"].get(name, {"epoch": 0, "position": 0})
        if cursor["position"] > stream.count:
            raise Unusable(path, f"it stands at example {cursor['position']} of `{name}`")
        stream.seek(run.seed, cursor["epoch"], cursor["position"])


def newest(folder):
    """The newest checkpoint of a run folder, or a file as it is."""
    path = Path(folder)
    if path.is_file():
        return path
    found = sorted(
        (path / "checkpoints").glob("step-*.safetensors"), key=lambda file: (len(file.name), file)
    )
    if not found:
        raise SystemExit(f"error: {folder} holds no checkpoint")
    return found[-1]


def save_in_turn(run, out, folder, seconds, keep=3):
    """One process writes; the others wait, so that none is ahead of what is on disk."""
    path = Path(out) / "checkpoints" / f"step-{run.step:06}.safetensors"
    if parallel.rank() == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(run, path, folder, seconds)
        files = sorted(
            path.parent.glob("step-*.safetensors"), key=lambda file: (len(file.name), file)
        )
        for old in files[:-keep]:
            old.unlink()
    parallel.barrier()
    return path
