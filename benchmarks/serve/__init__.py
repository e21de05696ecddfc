"""The server under load: many clients for a long time, what it costs and whether it grows."""
