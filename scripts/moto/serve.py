"""moto's server, which ends when the launcher that started it is gone. Takes the arguments of moto_server."""

import os
import sys
import threading

from moto.server import main


def follow_launcher(channel):
    os.set_blocking(channel, True)
    while os.read(channel, 4096):
        pass
    os._exit(0)


# The launcher's channel ends with the launcher, also after kill -9.
if "NODE_CHANNEL_FD" in os.environ:
    channel = int(os.environ["NODE_CHANNEL_FD"])
    threading.Thread(target=follow_launcher, args=[channel], daemon=True).start()
main(sys.argv[1:])
