"""The append-only story (台账): lines, seals, verification, export."""
