"""Tables of an intake: declared schemas, reading with row-level problems, writing."""
