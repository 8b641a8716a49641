"""sinks/forest"""
