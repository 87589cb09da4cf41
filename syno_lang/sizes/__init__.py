"""Sizes of axes: monomials, their values, and what they demand of the numbers put in."""

from syno_lang.sizes.monomial import ONE, Size, product

__all__ = ["ONE", "Size", "product"]
