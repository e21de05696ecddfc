"""What the numbers say: benchmarks, comparisons, diagnosis, report."""
