"""What is noted of requests: counters for Prometheus, and a line each for people.

Neither holds what was asked: no words of a query, no names of tracks, no tokens.
"""
