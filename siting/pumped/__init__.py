"""siting/pumped"""
