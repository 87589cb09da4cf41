"""A file enters, the definitions in it and in the files that it uses leave."""
