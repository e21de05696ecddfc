"""Answers: text to tracks."""
