"""Git repositories, read and written through GitPython's object database, without the ``git`` command."""
