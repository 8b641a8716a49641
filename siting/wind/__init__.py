"""siting/wind"""
