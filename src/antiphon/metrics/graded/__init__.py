"""Figures of whole result lists: several correct items a query, and items that are correct to some grade.

Each with its chance level, the ceiling that no model can pass, and an interval clustered by group.
"""
