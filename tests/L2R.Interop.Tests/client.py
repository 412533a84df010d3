# Calls as told, with grpcio: { id, address, method, requests, metadata, timeoutMs, options, pauseAfter },
# answers { id, code, detail, headers, trailers, replies }. Over TLS, with call credentials that add x-token, where ECHO_CERTIFICATE is
# what to trust. { cancel: id } and { resume: id } act on a call.
import base64
import os
import threading

import grpc

from peer import SERVICE, EchoReply, EchoRequest, listen, say, show

channels = {}
calls = {}
paused = {}


def open_channel(address, options):
    if 'ECHO_CERTIFICATE' not in os.environ:
        return grpc.insecure_channel(address, options)
    token = grpc.metadata_call_credentials(lambda context, done: done((('x-token', 'secret'),), None))
    trusting = grpc.ssl_channel_credentials(os.environ['ECHO_CERTIFICATE'].encode())
    return grpc.secure_channel(address, grpc.composite_channel_credentials(trusting, token), options)


def channel_for(address, options):
    key = address + repr(options)
    if key not in channels:
        channels[key] = open_channel(address, list(options.items()))
    return channels[key]


def request_of(payload_size=0, details='', **rest):
    return EchoRequest(payload=bytes(payload_size), details=base64.b64decode(details), **rest)


def start(channel, method, requests, **options):
    make = {
        'Unary': channel.unary_unary, 'Missing': channel.unary_unary, 'ClientStream': channel.stream_unary,
        'ServerStream': channel.unary_stream, 'Duplex': channel.stream_stream,
    }[method](f'/{SERVICE}/{method}', request_serializer=EchoRequest.SerializeToString, response_deserializer=EchoReply.FromString)
    argument = iter(requests) if method in ('ClientStream', 'Duplex') else requests[0]
    return make.future(argument, **options) if hasattr(make, 'future') else make(argument, **options)


def begin(order):
    method, options = order['method'], order.get('options') or {}
    metadata = [(key, base64.b64decode(value) if key.endswith('-bin') else value) for key, value in order['metadata']]
    calls[order['id']] = start(
        channel_for(order['address'], options), method, [request_of(**request) for request in order['requests']],
        metadata=metadata, timeout=order['timeoutMs'] / 1000 if order['timeoutMs'] else None)
    threading.Thread(target=finish, args=(order, method, calls[order['id']]), daemon=True).start()


def finish(order, method, call):
    replies = []

    def take(reply):
        replies.append({'text': reply.text, 'size': len(reply.payload), 'deadlineMs': reply.deadline_ms})

    try:
        if method in ('ServerStream', 'Duplex'):
            for reply in call:
                take(reply)
                if len(replies) == order['pauseAfter']:
                    paused[order['id']] = threading.Event()
                    say(id=order['id'], event='paused')
                    paused[order['id']].wait()
        else:
            take(call.result())
    except (grpc.RpcError, grpc.FutureCancelledError):
        pass  # the status below says how it failed
    del calls[order['id']]
    say(id=order['id'], code=call.code().value[0], detail=call.details() or '', headers=show(call.initial_metadata()),
        trailers=show(call.trailing_metadata()), replies=replies)


def act(line):
    if 'resume' in line:
        paused.pop(line['resume']).set()
    elif 'cancel' in line:
        calls[line['cancel']].cancel()
    else:
        begin(line)


listen(act)
