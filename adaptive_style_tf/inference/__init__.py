"""Using a trained generator on pictures."""
