"""siting.pumped.lakes: existing reservoirs between dead and normal level, and old pits."""
