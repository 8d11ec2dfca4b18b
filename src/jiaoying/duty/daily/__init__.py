"""Daily dispatch (每日调度) and zero report (零报告): what each township says of itself at fixed hours."""
