"""What an officer does to calls under way: stop, call again, pause, go on to the next, put right.

Each takes an open transaction, locks from the warning down, and writes its ledger lines. Each is safe to
send twice: what stands as wanted already is left alone and told in no line.
"""
