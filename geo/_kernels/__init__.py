"""Compiled inner loops of ``geo``: flat arrays in, flat arrays out, one algorithm a file."""
