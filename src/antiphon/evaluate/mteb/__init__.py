"""A checkpoint in mteb, the public board of embedding models: text side, audio encoder and heads as one mteb model."""
