"""Areas (行政区划): files, import, names, the ground they lie on, and what a polygon touches."""
