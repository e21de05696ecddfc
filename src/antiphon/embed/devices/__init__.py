"""Several devices of one machine, or of a cluster: one process each, with encoders of its own.

Each asks the main process for files and sends back what comes of them.
"""
