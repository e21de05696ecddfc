"""A checkpoint's text side written as ONNX graphs, operation by operation, without tracing.

Each graph is read back and compared with the checkpoint before anything answers with it.
"""
