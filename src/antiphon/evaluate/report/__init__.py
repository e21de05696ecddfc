"""The report: one page that stands by itself, about a library's trainings, and its pictures as files for a paper.

Material is read once; verdict, pictures, single queries and provenance are made of it; the page puts them together.
"""
