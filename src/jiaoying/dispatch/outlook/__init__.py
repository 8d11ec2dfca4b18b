"""What would be asked of whom, rung by rung, if nobody answered: previews, dry runs, trials, replays."""
