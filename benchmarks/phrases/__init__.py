"""What captions' phrases as further captions in training are worth: whole captions and phrases as queries."""
