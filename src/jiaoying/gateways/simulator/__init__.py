"""A carrier with a town of scripted phones, speaking Twilio over real HTTP."""
