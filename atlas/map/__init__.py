"""atlas/map"""
