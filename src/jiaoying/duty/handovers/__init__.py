"""Handovers (交接班): what one shift leaves open to the next, item by item, and both signatures."""
