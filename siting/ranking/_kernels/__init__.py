"""Kernels of the ranking: one algorithm a file."""
