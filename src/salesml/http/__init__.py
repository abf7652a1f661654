"""What the API and the pages share: state, errors, middleware, logins."""
