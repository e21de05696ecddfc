"""Training beside plain loops and other libraries, on vectors of three widths."""
