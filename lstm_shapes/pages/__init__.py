"""What a command says, before it has a form: one page a command."""
