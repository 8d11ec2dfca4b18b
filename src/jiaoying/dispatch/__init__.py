"""The heart: matching, call-outs (叫应), attempts, answers, escalation."""
