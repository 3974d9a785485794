"""Passerelle: from a French article to reviewed, aligned English and Spanish publications, offline."""
