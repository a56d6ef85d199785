"""Why something was not read. Each message is one sentence a person can act on."""


class RefusalError(Exception):
    """Base of the reasons for not reading; str() is the sentence shown to people."""


class NotALogError(RefusalError):
    """The content is of a kind that holds no log lines: a picture, a program, a web page ..."""


class StoppedShortError(RefusalError):
    """Reading ended before the file did: damage, or a cap. What came before it is valid."""
