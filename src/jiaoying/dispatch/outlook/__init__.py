"""What would be asked of whom, rung by rung, if nobody answered: for previews, dry runs, trials and replays."""
