"""Trainings, judgements and courses that the tests of evaluate look at."""
