"""What extra seats are worth: curves with intervals, chains, and who gains."""
