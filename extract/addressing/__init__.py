"""Text that addresses a program instead of a physicist: how it is told, in spite of disguises, and how far it goes."""
