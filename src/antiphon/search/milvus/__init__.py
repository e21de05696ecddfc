"""Libraries that outgrow one machine: their tracks in a Milvus collection, with the same calls.

The client is pymilvus; a file in place of a server is Milvus Lite, through the same client.
"""
