"""siting/sites"""
