"""Compiled inner loops of ``siting.sites``: flat arrays in, flat arrays out, one a file."""
