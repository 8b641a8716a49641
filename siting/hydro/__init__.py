"""siting.hydro: named hydropower plants from their published figures."""
