"""`health.py PORT [PATH]`: exit code 0 when this container answers 200 there.

It runs every few seconds, so it loads little (`python -ISs`). Upstream's slim image has no curl.
"""

import socket
import sys


def main() -> int:
    """Ask once; what is wrong goes to standard output, where `docker inspect` shows it."""
    port, path = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "/readyz"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=4) as link:
            link.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            answer = b""
            while len(answer) < 4096 and (piece := link.recv(4096)):
                answer += piece
    except OSError as error:
        print(f"port {port}: {error}")
        return 1
    status = answer.split(b" ", 2)[1:2]
    if status == [b"200"]:
        return 0
    print(answer.decode("utf8", "replace"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
