"""Numba kernels of wind, one algorithm a file: flat arrays and scalars in, arrays out."""
