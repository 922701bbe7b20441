"""Writes password-protected workbooks with LibreOffice, which asks its own Python for it.

    python3 make_uno.py plain.xlsx 123 locked.xls "MS Excel 97" locked.ods calc8 …
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue


def value(name, what):
    found = PropertyValue()
    found.Name, found.Value = name, what
    return found


def office(port):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(60):
        try:
            return resolver.resolve(f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.5)
    raise SystemExit("LibreOffice did not answer")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def main(source, password, *targets):
    port = free_port()
    url = lambda path: pathlib.Path(path).resolve().as_uri()
    with tempfile.TemporaryDirectory() as profile:
        accept = f"--accept=socket,host=127.0.0.1,port={port};urp;"
        soffice = subprocess.Popen(
            ["soffice", f"-env:UserInstallation={url(profile)}", "--headless", "--norestore", accept],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            context = office(port)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            book = desktop.loadComponentFromURL(url(source), "_blank", 0, (value("Hidden", True),))
            for path, name in zip(targets[::2], targets[1::2]):
                book.storeToURL(url(path), (value("FilterName", name), value("Password", password)))
            book.close(True)
            try:
                desktop.terminate()
            except Exception:
                pass  # it is gone before it can answer
        finally:
            soffice.wait(timeout=30)


main(*sys.argv[1:])
