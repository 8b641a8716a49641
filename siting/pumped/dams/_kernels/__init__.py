"""Compiled inner loops of ``siting.pumped.dams``: one algorithm a file."""
