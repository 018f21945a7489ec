"""Numbers that follow losses: means over windows, rates that fall when they stall, an early end."""

from .functions import clip, maximum, minimum, where

__all__ = ["clip", "plateau", "stalled"]


def windows(run, name, of, window):
    """Means of a number over windows that do not overlap, and the best of them so far."""
    total = run.state[f"{name}/sum"] + of
    count = run.state[f"{name}/count"] + 1
    best = run.state[f"{name}/best"]
    due = count >= window
    mean = total / count
    moves = {
        f"{name}/sum": where(due, 0, total),
        f"{name}/count": where(due, 0, count),
        f"{name}/best": where(due, minimum(best, mean), best),
    }
    return due, mean, best, moves


def plateau(run, name, of, factor, window, floor):
    """A rate that falls when the mean of a window is not below the best so far."""
    due, mean, best, moves = windows(run, name, of, window)
    rate = run.state[name]
    lowered = maximum(rate * factor, floor)
    return {name: where(due, where(best > mean, rate, lowered), rate), **moves}


def stalled(run, of, window, factor):
    """Whether a window has ended and its mean is not below `factor` times the best so far."""
    due, mean, best, moves = windows(run, "stop", of, window)
    return due & (mean >= best * factor), moves
