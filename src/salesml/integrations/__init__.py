"""salesml inside applications of other frameworks."""
