"""What other threads and processes do: waited for, and looked at."""
