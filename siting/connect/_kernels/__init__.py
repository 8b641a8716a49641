"""Compiled inner loops of ``siting.connect``: one algorithm a file."""
