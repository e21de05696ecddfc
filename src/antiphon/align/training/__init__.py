"""One training: epochs, what judges them, and the files that they leave.

The run, its loop, schedule and history; several processes; how many threads it deserves.
"""
