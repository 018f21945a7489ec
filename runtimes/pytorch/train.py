"""Trains the program of model.py, in one process or, with torchrun, in several.

python train.py --out run
torchrun --nproc-per-node 4 train.py --out run
python train.py --resume run
"""

from pathlib import Path

from model import PROGRAM
from support.command import train

if __name__ == "__main__":
    train(PROGRAM, Path(__file__).parent)
