"""What ecosystems hold: forest growth, stock, carbon and the 4.5 m³/亩 target."""
