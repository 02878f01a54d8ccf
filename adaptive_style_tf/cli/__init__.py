"""What the front doors share. Imports no heavy library, so that `--help` answers at once."""
