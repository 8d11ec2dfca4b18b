"""PostgreSQL and Valkey: the tables, the only place that commits, the embedded servers."""
