"""Questions: what was meant, and the answer from the guide."""
