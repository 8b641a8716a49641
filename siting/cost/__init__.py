"""Money and carbon of a site: LCOE, break-even, price, supply curve, avoided CO2."""
