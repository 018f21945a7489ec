"""Streams of examples in the order of began-compile: a permutation for every epoch."""

import json
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import parallel, threefry


class Stream:
    """The examples of a data stream, where they come from and where the next one lies.

    `examples` is an array N x ...: bytes of pictures (N x H x W x C, mapped to `low` .. `high`),
    symbols of text (N x length, to be made one-hot), or numbers as they are.
    """

    def __init__(self, name, kind, examples, labels, low=0, high=1, flip=False, symbols=0):
        self.name, self.kind, self.examples, self.labels = name, kind, examples, labels
        self.flip, self.symbols = flip, symbols
        self.values = (low + np.arange(256) * (high - low) / 255).astype(np.float32)
        self.count = len(examples)
        self.seek(0, 0, 0)

    def seek(self, seed, epoch, position):
        """Goes to a place of the order that a seed gives."""
        self.seed, self.epoch, self.position = seed, epoch, position
        key = threefry.draw_key(seed, f"data/{self.name}/order", epoch)
        self.order = threefry.permutation(key, self.count)
        if self.flip:
            key = threefry.draw_key(seed, f"data/{self.name}/flip", epoch)
            self.mirrored = threefry.words(key, 0, self.count) >> np.uint32(31) == 1

    def draw(self, count):
        """The numbers of the next examples, and which of them are mirrored; the place moves on."""
        numbers, mirrored = [], []
        while count > 0:
            if self.position == self.count:
                self.seek(self.seed, self.epoch + 1, 0)
            own = self.order[self.position : self.position + count]
            numbers.append(own)
            mirrored.append(self.mirrored[own] if self.flip else np.zeros(len(own), bool))
            self.position += len(own)
            count -= len(own)
        return np.concatenate(numbers), np.concatenate(mirrored)

    def read(self, numbers, mirrored, device):
        """Examples by their numbers, pictures as N x C x H x W."""
        rows = self.examples[numbers]
        if self.kind == "text":
            rows = np.eye(self.symbols, dtype=np.float32)[rows][:, None]
        elif self.kind == "images":
            rows = self.values[rows]
            rows[mirrored] = rows[mirrored, :, ::-1]
        result = torch.from_numpy(np.ascontiguousarray(rows)).to(device, torch.get_default_dtype())
        return result.permute(0, 3, 1, 2) if result.dim() == 4 else result

    def read_labels(self, numbers, device):
        """The classes of examples."""
        rows = torch.from_numpy(self.labels[numbers].astype(np.float32))
        return rows.to(device, torch.get_default_dtype())


class Batch:
    """One batch of a stream, of which this process reads its share."""

    def __init__(self, stream, count, device):
        self.stream, self.device = stream, device
        self.numbers, self.mirrored = (parallel.own_rows(part) for part in stream.draw(count))

    def examples(self):
        """The examples."""
        return self.stream.read(self.numbers, self.mirrored, self.device)

    def labels(self):
        """Their classes."""
        return self.stream.read_labels(self.numbers, self.device)


def open_streams(declared, folder, instead):
    """The streams of a program: what was packed beside it, or folders of pictures instead."""
    unknown = [name for name in instead if name not in declared]
    if unknown:
        names = ", ".join(declared) or "none"
        raise SystemExit(f"error: --data {unknown[0]}=..., and the data streams are: {names}")
    return {
        name: open_stream(name, options, Path(folder), instead.get(name))
        for name, options in declared.items()
    }


def open_stream(name, options, folder, pictures):
    """One stream. `options` are those of the program: kind, shape, range, flip, crop, labels."""
    options = dict(options)
    kind, shape = options.pop("kind"), options.pop("shape")
    labelled, crop = options.pop("labels", None), options.pop("crop", "centre")
    if pictures is not None and labelled == "csv":
        raise SystemExit(
            f"error: --data {name}=..., and the classes of `{name}` stand in a CSV file"
        )
    packed = folder / f"{name}.npy"
    if pictures is not None:
        if kind != "images":
            raise SystemExit(f"error: --data {name}=..., and `{name}` is no stream of pictures")
        examples, labels = read_folder(Path(pictures), shape, crop, labelled)
    elif packed.exists():
        examples = np.load(packed, mmap_mode="r")
        labels_file = folder / f"{name}.labels.npy"
        labels = np.load(labels_file) if labels_file.exists() else None
    else:
        instead = (
            f"; say where its pictures are with --data {name}=FOLDER" if kind == "images" else ""
        )
        raise SystemExit(f"error: there is no {packed}{instead}")
    return Stream(name, kind, examples, labels, **options)


def read_folder(folder, shape, crop, labelled):
    """All PNG and JPEG files of a folder, sorted by name, cropped and brought to one size by area.

    Pictures are decoded by Pillow, and bytes may differ from began-compile's by 1.
    """
    if not folder.is_dir():
        raise SystemExit(f"error: there is no folder {folder}")
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix.lower() in (".png", ".jpg", ".jpeg")
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not names:
        raise SystemExit(f"error: {folder} holds no PNG or JPEG file")
    cache = folder.parent / ".cache" / "began-compile-pytorch"
    cache.mkdir(parents=True, exist_ok=True)
    stamps = [(name, (folder / name).stat().st_mtime_ns) for name in names]
    stamp = threefry.fnv1a32(json.dumps([stamps, shape, crop]))
    cached = cache / f"{folder.name}-{stamp:08x}.npy"
    if not cached.exists() and parallel.rank() == 0:
        pictures = np.stack([read_picture(folder / name, shape, crop) for name in names])
        beside = cached.with_suffix(".writing.npy")
        np.save(beside, pictures)
        beside.rename(cached)
    parallel.barrier()
    return np.load(cached, mmap_mode="r"), None if labelled is None else folder_labels(names)


def read_picture(path, shape, crop):
    """One picture as bytes, height x width x channels."""
    height, width, channels = shape
    with Image.open(path) as picture:
        picture = picture.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels])
        if crop == "centre":
            scale = min(picture.width / width, picture.height / height)
            box_width = max(1, math.floor(width * scale + 0.5))
            box_height = max(1, math.floor(height * scale + 0.5))
            left, top = (picture.width - box_width) // 2, (picture.height - box_height) // 2
        else:
            left, top, box_width, box_height = crop
        box = (left, top, left + box_width, top + box_height)
        pixels = np.asarray(picture.crop(box), np.float64).reshape(box_height, box_width, channels)
    rows, columns = coverage(box_height, height), coverage(box_width, width)
    small = np.einsum("yh,hwc,xw->yxc", rows, pixels, columns, optimize=True)
    return np.floor(small + 0.5).astype(np.uint8)


def coverage(size, count):
    """The share that each of `size` pixels has in each of `count` larger or smaller ones."""
    start = np.arange(count)[:, None] * size
    pixel = np.arange(size)[None, :] * count
    overlap = np.minimum(start + size, pixel + count) - np.maximum(start, pixel)
    return np.maximum(overlap, 0) / size


def folder_labels(names):
    """The class of every picture: the folder that it lies in, numbered in the order of names."""
    outside = [name for name in names if "/" not in name]
    if outside:
        raise SystemExit(f"error: {outside[0]} has no sub-folder, which would be its class")
    folders = [name.split("/")[0] for name in names]
    if all(name.isdigit() for name in folders):
        return np.array([int(name) for name in folders], np.uint32)
    numbers = {name: number for number, name in enumerate(sorted(set(folders)))}
    return np.array([numbers[name] for name in folders], np.uint32)
