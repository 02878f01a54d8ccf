"""Picture files: reading, writing, color and size. Knows nothing of networks."""
