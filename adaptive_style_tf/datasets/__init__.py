"""Pictures for training: finding, checking, sizing, augmenting and delivering them."""
