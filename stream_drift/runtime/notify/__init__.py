"""What becomes of an alert between the topic and a channel; knows no channel's protocol."""
