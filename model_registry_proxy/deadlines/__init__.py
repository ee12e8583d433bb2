"""When a request must end, and what ends it then."""
