"""What a GPU changes: the seconds of trainings and of embedding, beside the processor of the same machine."""
