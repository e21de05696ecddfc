"""What playlists are made from: tracks of a library, how well they answer, and what they have in common.

By the library's own index, by a Milvus collection, or by what answers searches.
"""
