"""What the documentation tells a reader to type, taken out of its pages so that it can be run."""
