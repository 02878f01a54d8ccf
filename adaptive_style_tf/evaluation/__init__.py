"""How good results are: numbers that can be compared."""
