"""Roll calls (点名, 抽查): whether somebody is at the duty desks, asked by a call and told in seconds."""
