"""Training a style: settings, steps, state on disk, health and what the run shows."""
