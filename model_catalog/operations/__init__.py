"""What each operation of the catalog answers: functions of an immutable `Catalog` and a checked request."""
