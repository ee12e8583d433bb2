"""Keeps the catalog in step with its sources: reads each in a process of its own, keeps the result on disk, and watches files."""
