"""What the numbers say: a checkpoint on a split, encoders side by side, and the training doctor."""
