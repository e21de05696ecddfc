"""What the numbers say: a checkpoint on a split, encoders side by side, and the training doctor.

Nothing here changes a model, and test is read only by who asks for it.
"""
