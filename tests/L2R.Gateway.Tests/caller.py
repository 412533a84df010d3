# Makes the calls of standard input, a JSON array of { method, request, token }, one after another with grpcio as it is:
# 8 KB of headers at most. Writes what became of each: an array of { code, details }.
import base64
import json
import sys

import grpc


def call(channel, method, request, token):
    rpc = channel.unary_unary(method)
    try:
        rpc(base64.b64decode(request), metadata=[('authorization', f'Bearer {token}')], timeout=30)
        return {'code': 'OK', 'details': ''}
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or [])
        return {'code': error.code().name, 'details': base64.b64encode(trailers.get('grpc-status-details-bin', b'')).decode()}


with grpc.insecure_channel(sys.argv[1]) as channel:
    json.dump([call(channel, **order) for order in json.load(sys.stdin)], sys.stdout)
