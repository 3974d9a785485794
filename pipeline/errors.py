"""The errors that a user can mend: each says the file, the fact and the next step in one line."""


class PipelineError(Exception):
    """Say what is wrong (`message`, naming file and line where there is one) and what to do next (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class SourceError(PipelineError):
    """An article that cannot be read, or must not be taken under its name."""


class GlossaryError(PipelineError):
    """A glossary file or row that cannot be used."""


class CatalogError(PipelineError):
    """A PO file that cannot be read, or must not be written."""


class ExchangeError(PipelineError):
    """A TMX or XLIFF file that cannot be read."""


class EngineError(PipelineError):
    """An engine that is missing, damaged or failed while it worked."""


class ClusterError(EngineError):
    """A cluster that cannot be reached, or a worker that would draft otherwise."""


class SettingsError(PipelineError):
    """An option, environment variable or `passerelle.toml` that makes no sense."""
