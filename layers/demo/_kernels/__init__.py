"""Kernels of the demo scene: routing, steady relief, texture, contours."""
