"""atlas/parts"""
