"""Who may do what: identities, roles within scopes, sessions, tokens, sign-in."""
