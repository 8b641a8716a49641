"""siting/hydro"""
