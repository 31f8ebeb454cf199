"""Event files, plain or gzipped, as batches of records."""
