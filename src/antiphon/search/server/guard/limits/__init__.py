"""How much one request may hold, how long it may take to arrive, how many there may be.

A request that is too much is refused with a status that says so and, where it may come again, when.
"""
