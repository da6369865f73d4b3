"""Layouts beside the equations of the frameworks that define them."""
