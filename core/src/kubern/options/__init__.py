"""Flag sections, one dataclass per file, and the stages Options -> CompletedOptions."""
