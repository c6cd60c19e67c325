from django.http import HttpResponseBase


def content_of(answer: HttpResponseBase) -> bytes:
    """The whole answer; a streamed file is closed. (The client closes others; closing twice would close the database.)"""
    content: bytes = answer.getvalue()
    if answer.streaming:
        answer.close()
    return content
