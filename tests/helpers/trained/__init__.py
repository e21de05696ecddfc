"""Trained libraries and checkpoints, and what trainings leave behind."""
