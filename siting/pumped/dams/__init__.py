"""siting.pumped.dams: dam sites along gullies and their curves per metre of height."""
