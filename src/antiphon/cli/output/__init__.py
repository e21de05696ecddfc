"""What commands say, and how: results to stdout, everything else to stderr, nothing that steers a terminal.

The console, text on its way to it, what a failure says, and how this program was called.
"""
