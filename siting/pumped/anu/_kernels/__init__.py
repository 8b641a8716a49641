"""Kernels of the restated atlas rules."""
