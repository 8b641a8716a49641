"""siting/pv"""
