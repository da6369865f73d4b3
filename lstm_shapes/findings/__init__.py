"""What can be wrong with a model, and how it is reported: kinds with id and severity, findings, exceptions."""
