"""The HTTP interface: each file is one group of addresses, which parse, ask one question, and shape the answer.

What may be sent and what comes back stands in :mod:`shapes`.
"""
