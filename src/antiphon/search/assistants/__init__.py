"""What assistants (language models with tools) may ask of a library, in the Model Context Protocol.

``tools`` is what they may call, ``serving`` speaks the protocol on standard input and output. Like every front it asks
:class:`antiphon.search.server.served.Served` alone.
"""
