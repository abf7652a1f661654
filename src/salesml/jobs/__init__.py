"""The durable queue: running claimed jobs under a lease, and one handler a kind of job."""
