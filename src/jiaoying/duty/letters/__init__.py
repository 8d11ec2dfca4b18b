"""Risk reminder letters (风险提醒函): written, signed by a second person, sent, confirmed by each unit."""
