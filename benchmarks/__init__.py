"""Side by side with peers, printed as ratios: ``python -m benchmarks NAME``."""
