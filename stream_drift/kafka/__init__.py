"""Everything that imports confluent_kafka."""
