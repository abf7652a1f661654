"""What use cases need from the outside, as protocols; wiring fills them, one file a noun."""
