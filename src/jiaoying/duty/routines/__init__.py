"""Periodic duties (定期任务): tables and tasks due on fixed dates, reminded of ahead and chased when late."""
