"""The web root: what of the catalogs is published, its pages, index, feeds and sitemap."""
