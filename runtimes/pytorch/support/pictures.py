"""Samples as files."""

import math

import numpy as np
import safetensors.numpy
from PIL import Image

from .layers import channels_last


def write_samples(values, program, out, name):
    """All numbers of an output, with channels last; pictures also as a grid. Gives the paths."""
    array = channels_last(values).detach().to("cpu").float().contiguous().numpy()
    safetensors.numpy.save_file({name: array}, f"{out}.safetensors")
    ranges = [
        (stream.get("low", 0), stream.get("high", 1))
        for stream in program.streams.values()
        if stream["kind"] == "images" and tuple(stream["shape"]) == array.shape[1:]
    ]
    if not ranges:
        return [f"{out}.safetensors"]
    low, high = ranges[0]
    pixels = np.clip((array - low) / (high - low) * 255 + 0.5, 0, 255).astype(np.uint8)
    count, height, width, channels = pixels.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    grid = np.zeros((rows * height, columns * width, channels), np.uint8)
    for i, picture in enumerate(pixels):
        y, x = i // columns * height, i % columns * width
        grid[y : y + height, x : x + width] = picture
    Image.fromarray(grid[..., 0] if channels == 1 else grid).save(f"{out}.png")
    return [f"{out}.safetensors", f"{out}.png"]
