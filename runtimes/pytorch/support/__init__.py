"""What every exported program shares: random streams, data, layers, checkpoints, the loop."""
