"""Compiled inner loops of ``siting.pumped.pairs``: flat arrays in and out, one idea a file."""
