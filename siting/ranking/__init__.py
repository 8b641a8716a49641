"""Ranking one can defend: views of weights, rank intervals, what each rank hangs on."""
