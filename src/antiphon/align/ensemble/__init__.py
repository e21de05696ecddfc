"""Ensembles: several members in one shared space, whose cosines are averaged with weights.

Closed forms beside heads, a fine-tuned text side beside a frozen one, and several encoders' trainings are all one.
"""
