"""Whether the default training is below ridge, CCA or plain heads anywhere: made sets of many kinds and sizes."""
