"""How fast the storage initializer fetches from S3, and how much memory it takes, next to KServe's own library."""
