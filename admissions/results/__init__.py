"""What a matching means: decisions, cut-offs, demand, shortfalls."""
