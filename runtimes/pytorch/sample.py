"""Samples of a trained program, from a checkpoint of train.py or of began-compile.

python sample.py run --count 64
"""

from pathlib import Path

from model import PROGRAM
from support.command import sample

if __name__ == "__main__":
    sample(PROGRAM, Path(__file__).parent)
