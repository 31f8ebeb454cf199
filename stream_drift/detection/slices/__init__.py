"""Which segments of rows arrived or left: values and ranges of one or two features."""
