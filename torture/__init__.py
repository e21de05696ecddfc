"""Attacks on Antiphon by its own developers: kills at every durable step, damaged files of every kind.

``make torture`` runs them for some minutes, CI for one minute each; docs/reliability.md says what they found.
"""
