"""Carriers (通道), one folder each, behind one protocol."""
