# What client.py and server.py share: the contract, which the tests pass as a descriptor, and JSON lines over stdin and stdout.
import base64
import json
import os
import sys
import threading

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(os.environ['ECHO_PROTO']))
_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file)
_saying = threading.Lock()

SERVICE = f'{_file.package}.EchoService'


def _message(name):
    descriptor = _pool.FindMessageTypeByName(f'{_file.package}.{name}')
    if hasattr(message_factory, 'GetMessageClass'):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_pool).GetPrototype(descriptor)


EchoRequest, EchoReply = _message('EchoRequest'), _message('EchoReply')


def say(**line):
    with _saying:
        sys.stdout.write(json.dumps(line) + '\n')
        sys.stdout.flush()


def listen(act):
    for line in sys.stdin:
        act(json.loads(line))
    os._exit(0)  # calls that hang do not keep the process


def show(metadata):
    """Metadata as { key: [values] }, binary values in base64."""
    shown = {}
    for key, value in metadata or ():
        shown.setdefault(key, []).append(base64.b64encode(value).decode() if isinstance(value, bytes) else value)
    return shown
