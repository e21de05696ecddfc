"""What the training doctor measures itself, from the vectors that a training left and those that it was made of.

Measuring stands here, judging in ``rules``: a measurement knows no bounds and gives no advice.
"""
