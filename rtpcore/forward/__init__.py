"""The composition: one loop that receives, judges, forwards and counts."""
