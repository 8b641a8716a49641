"""Photovoltaics: eligible land, first yield, candidate sites."""
