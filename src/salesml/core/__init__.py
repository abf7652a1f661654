"""Values, rules and errors of the business. Standard library only; imports nothing of salesml."""
