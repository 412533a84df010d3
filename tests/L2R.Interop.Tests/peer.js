// What client.js and server.js share: the contract, and JSON lines over stdin and stdout.
const path = require('node:path');
const readline = require('node:readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, 'echo.proto'), { keepCase: true, longs: Number, defaults: true });
const { EchoService } = grpc.loadPackageDefinition(definition).l2r.interop.v1;

const say = line => process.stdout.write(JSON.stringify(line) + '\n');
const listen = act => readline.createInterface({ input: process.stdin }).on('line', line => act(JSON.parse(line))).on('close', () => process.exit(0));

// Metadata as { key: [values] }, binary values in base64.
const show = metadata => Object.fromEntries(Object.keys(metadata.getMap()).map(
  key => [key, metadata.get(key).map(value => Buffer.isBuffer(value) ? value.toString('base64') : value)]));

module.exports = { grpc, EchoService, say, listen, show };
