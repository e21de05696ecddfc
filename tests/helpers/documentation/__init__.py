"""What a reader of the documentation types: taken out of its pages, and run as a shell runs it."""
