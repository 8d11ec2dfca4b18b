"""Lists as counties have them, read: sheets → people, danger points, households, and what is wrong."""
