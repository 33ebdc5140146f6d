"""What people and schools do between the rounds: small models, numbers in ``behaviour.toml``, each with a switch."""
