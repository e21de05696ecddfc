"""Made figures and spaces, and the golden files that they are compared with."""
