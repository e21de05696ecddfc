"""Servers, pages and requests: an application without a server, one in this process, a browser, a model hub."""
