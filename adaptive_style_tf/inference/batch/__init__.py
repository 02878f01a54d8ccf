"""Many pictures in one go: what is meant, what becomes of it, and how it went."""
