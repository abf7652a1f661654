"""Each kind of foreign database: the answer of one query as batches of Arrow."""
