"""What could happen: generated intakes, behaviour, replays and what-ifs."""
