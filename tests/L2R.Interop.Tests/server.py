# Serves echo.proto with grpcio, at ECHO_PORT where that is set, over TLS where ECHO_CERTIFICATE and ECHO_KEY are.
# Says { port } first, then { event: 'hanging' | 'cancelled' | 'stalled', text, written }.
import os
import threading
from concurrent import futures

import grpc

from peer import SERVICE, EchoReply, EchoRequest, listen, say

STALL_SECONDS = 0.3
CODES = {code.value[0]: code for code in grpc.StatusCode}


class Call:
    def __init__(self, context):
        self.context = context
        self.metadata = context.invocation_metadata()
        self.trailers = [('t-' + key, value) for key, value in self.metadata if key.startswith('x-')]
        previous = int(self.get('grpc-previous-rpc-attempts', 0))
        if previous < int(self.get('hang-attempts', 0)):
            self.hang('attempt')
        if previous < int(self.get('fail-attempts', 0)):
            if self.get('pushback'):
                context.set_trailing_metadata([('grpc-retry-pushback-ms', self.get('pushback'))])
            context.abort(CODES[int(self.get('fail-code', 14))], f'attempt {previous}')
        headers = [(key, value) for key, value in self.metadata if key.startswith('x-')]
        context.send_initial_metadata(headers + ([('attempts-before', str(previous))] if previous else []))
        context.set_trailing_metadata(self.trailers)
        remaining = context.time_remaining()
        self.deadline_ms = 0 if remaining is None or remaining > 1e9 else round(remaining * 1000)

    def get(self, name, default=None):
        return next((value for key, value in self.metadata if key == name), default)

    def watch(self, text):
        """Says when the caller is gone."""
        gone = threading.Event()

        def on_gone():
            say(event='cancelled', text=text)
            gone.set()

        if not self.context.add_callback(on_gone):
            on_gone()
        return gone

    def hang(self, text, gone=None):
        say(event='hanging', text=text)
        (gone or self.watch(text)).wait()
        self.context.abort(grpc.StatusCode.CANCELLED, '')

    def fail(self, request):
        if request.code:
            if request.details:
                self.context.set_trailing_metadata(self.trailers + [('grpc-status-details-bin', request.details)])
            self.context.abort(CODES[request.code], request.detail)

    def reply(self, request, text):
        return EchoReply(text=text, payload=bytes(request.reply_size), deadline_ms=self.deadline_ms)


def unary(request, context):
    call = Call(context)
    if request.hang:
        call.hang(request.text)
    call.fail(request)
    return call.reply(request, request.text)


def client_stream(requests, context):
    call = Call(context)
    if call.get('deaf'):
        call.hang('deaf')
    texts, last = '', EchoRequest()
    for request in requests:
        last = request
        texts += request.text
        call.fail(request)
    return call.reply(last, texts)


def server_stream(request, context):
    call = Call(context)
    if request.hang:
        call.hang(request.text)
    for written in range(request.replies):
        stalled = threading.Timer(STALL_SECONDS, say, kwargs=dict(event='stalled', text=request.text, written=written))
        stalled.daemon = True
        stalled.start()
        yield call.reply(request, f'{request.text}{written}')
        stalled.cancel()
    call.fail(request)


def duplex(requests, context):
    call = Call(context)
    if call.get('deaf'):
        call.hang('deaf')
    for request in requests:
        call.fail(request)
        gone = call.watch(request.text) if request.hang else None
        yield call.reply(request, request.text)  # where the caller goes meanwhile, this is the end
        if gone:
            call.hang(request.text, gone)


def handler(make, method):
    return make(method, request_deserializer=EchoRequest.FromString, response_serializer=EchoReply.SerializeToString)


server = grpc.server(futures.ThreadPoolExecutor(max_workers=100), compression=grpc.Compression.Gzip)
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {
    'Unary': handler(grpc.unary_unary_rpc_method_handler, unary),
    'ClientStream': handler(grpc.stream_unary_rpc_method_handler, client_stream),
    'ServerStream': handler(grpc.unary_stream_rpc_method_handler, server_stream),
    'Duplex': handler(grpc.stream_stream_rpc_method_handler, duplex),
})])
address = f"127.0.0.1:{os.environ.get('ECHO_PORT', 0)}"
if 'ECHO_KEY' in os.environ:
    pair = os.environ['ECHO_KEY'].encode(), os.environ['ECHO_CERTIFICATE'].encode()
    port = server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
else:
    port = server.add_insecure_port(address)
server.start()
say(port=port)
listen(lambda line: None)
