"""The search index beside bare faiss, LanceDB and Milvus Lite."""
