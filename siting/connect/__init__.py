"""Grid connection and access of sites: least-cost routes, choice of voltage, money."""
