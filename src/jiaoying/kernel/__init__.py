"""Words everybody may use; imports nothing of ours."""
