"""siting.pumped: named pumped-storage projects from their published figures."""
