"""siting: where may a plant stand, and where should it."""
