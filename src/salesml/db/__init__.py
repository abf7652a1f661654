"""Tables, repositories, transactions and migrations. Knows core; rows stay inside, values come out."""
