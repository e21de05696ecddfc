"""Search without torch: the text side of a checkpoint as ONNX graphs, made and checked at ``antiphon index``.

What answers a query cold loads numpy, onnxruntime and tokenizers, maps vectors and weights into memory, and reads only
those texts that an answer shows. What cannot be said so goes the way of :mod:`antiphon.search.searcher`.
"""
