"""OpenSubsonic, as far as a library that listens can answer it: sonic similarity, paths, names.

This is no Subsonic server: it streams nothing and keeps no users. Clients that have a server of their own ask it for
what that one cannot answer. Protocol: https://opensubsonic.netlify.app
"""
