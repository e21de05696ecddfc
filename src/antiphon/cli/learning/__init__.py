"""Commands that learn and judge: train, fuse; evaluate, compare, diagnose.

What is shown while trainings run stands beside them.
"""
