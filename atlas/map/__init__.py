"""map.html: one offline page that walks the parts and names none of them."""
