"""Contrastive losses: what a batch of texts and tracks is told about its similarities.

Memory is linear in the batch, several positives are correct at once, and processes can share a batch.
"""
