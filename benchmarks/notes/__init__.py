"""Short analysis notes of our own with gold criteria: reading is measured on language that no rule was made for."""
