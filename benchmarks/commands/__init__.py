"""The commands below `bench`: one file each."""
