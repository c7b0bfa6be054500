"""The telephone for programs: a softphone begins, holds and finishes calls here."""
