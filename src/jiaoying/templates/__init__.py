"""What people read and hear."""
