"""Candidate sites: shared columns, growing, ids, scores."""
