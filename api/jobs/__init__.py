"""Long work as rows: queued by a request, done by a worker process of its own."""
