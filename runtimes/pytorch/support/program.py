"""What a spec says, as data: the parts that `model.py` fills in and the loop runs."""

import dataclasses
from collections.abc import Callable

import torch


def never(run):
    """No limit, no bounds."""
    return None


def always(run):
    """In every step, once."""
    return 1


@dataclasses.dataclass
class Update:
    """One loss, the parameters that it moves and how.

    `trains` names networks (`D`) or what one of their branches makes (`D/class`). `settings` gives
    the numbers of the optimiser as they are now, `velocity` says whether it keeps one.
    """

    name: str
    trains: list[str]
    optimizer: type[torch.optim.Optimizer]
    settings: Callable
    velocity: bool = False
    clip_norm: Callable = never
    clip_value: Callable = never
    bounds_before: Callable = never
    bounds_after: Callable = never


@dataclasses.dataclass
class Phase:
    """Updates whose gradients are all taken at the same parameters.

    `losses` gives what each update minimises and the values that the controller reads.
    """

    name: str
    losses: Callable
    updates: list[Update]
    values: list[str] = dataclasses.field(default_factory=list)
    repeat: Callable = always
    every: Callable = always
    batch: int = 1


@dataclasses.dataclass
class Average:
    """A network whose weights follow another's: w <- decay w + (1 - decay) w of the other."""

    of: str
    decay: Callable


@dataclasses.dataclass
class Program:
    """A whole spec. `steps_at` are the characters of the spec's text that say how many steps."""

    title: str
    networks: dict[str, type[torch.nn.Module]]
    phases: list[Phase]
    controller: Callable
    outputs: dict[str, Callable]
    streams: dict[str, dict]
    hyper: dict[str, float]
    state: dict[str, float]
    batch: int
    steps: int
    seed: int
    log: int
    checkpoint: int
    steps_at: tuple[int, int]
    averages: dict[str, Average] = dataclasses.field(default_factory=dict)
    differentiates_twice: bool = False
    one_process: str = ""
