"""Chinese, the first language."""
