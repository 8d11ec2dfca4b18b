"""Who stands at a desk when (值班)."""
