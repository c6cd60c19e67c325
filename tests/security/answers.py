from django.http import HttpResponseBase


def content_of(answer: HttpResponseBase) -> bytes:
    """All of an answer; a file that is streamed is closed. (The client closes others; twice would close the database.)"""
    content: bytes = answer.getvalue()
    if answer.streaming:
        answer.close()
    return content
