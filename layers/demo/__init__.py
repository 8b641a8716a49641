"""layers/demo"""
