"""The stages of the cycle; none knows another."""
