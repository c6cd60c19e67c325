"""The first migration reads Bucket here, and a landed migration is never edited. Its home is contacts."""

from voisoadmin.contacts.reasons import Bucket

__all__ = ["Bucket"]
