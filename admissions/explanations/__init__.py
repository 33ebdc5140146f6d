"""Why a decision fell as it did, and what would have been enough."""
