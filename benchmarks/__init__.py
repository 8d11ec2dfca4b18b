"""How fast the product is beside the bare thing that it cannot beat: tables, and the ratio of the two."""
