"""What a library without captions answers, and what every caption that its owner adds is worth.

Run with ``python -m benchmarks.any_library LIBRARY …``.
"""
