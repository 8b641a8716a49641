"""siting/law"""
