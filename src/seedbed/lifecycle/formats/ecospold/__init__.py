"""EcoSpold: the XML exchange formats of ecoinvent, `one` of ecoinvent 1 and 2, `two` of ecoinvent 3; read only."""
