"""Twilio and what speaks its language."""
