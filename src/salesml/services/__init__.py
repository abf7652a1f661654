"""Use cases: synchronous functions whose first argument is the unit of work, and the ports they need."""
