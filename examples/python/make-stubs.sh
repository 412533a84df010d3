#!/bin/sh
# Generates the Python of protos/ into the folder stubs beside this script, with Debian's protoc.
set -eu
cd "$(dirname "$0")"
rm -rf stubs
mkdir stubs
find ../../protos -name '*.proto' -exec protoc -I ../../protos --python_out=stubs --grpc_python_out=stubs \
    --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" {} +
