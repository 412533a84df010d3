// Calls as told: { id, address, method, requests, metadata, timeoutMs, options, pauseAfter }, answers { id, code, detail, headers, trailers,
// replies }. Over TLS, with call credentials that add x-token, where ECHO_CERTIFICATE is what to trust. { cancel: id } and { resume: id } act on a call.
const { grpc, EchoService, say, listen, show } = require('./peer.js');

const clients = new Map();
const calls = new Map();

const credentials = process.env.ECHO_CERTIFICATE
  ? grpc.credentials.combineChannelCredentials(
    grpc.credentials.createSsl(Buffer.from(process.env.ECHO_CERTIFICATE)),
    grpc.credentials.createFromMetadataGenerator((_, done) => { const added = new grpc.Metadata(); added.add('x-token', 'secret'); done(null, added); }))
  : grpc.credentials.createInsecure();

function clientFor(address, options = {}) {
  const key = address + JSON.stringify(options);
  if (!clients.has(key)) clients.set(key, new EchoService(address, credentials, options));
  return clients.get(key);
}

function run({ id, address, method, requests, metadata = [], timeoutMs, options, pauseAfter }) {
  const { requestStream, responseStream } = EchoService.service[method];
  const headers = new grpc.Metadata();
  for (const [key, value] of metadata) headers.add(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  const messages = requests.map(({ payload_size = 0, details = '', ...rest }) =>
    ({ ...rest, payload: Buffer.alloc(payload_size), details: Buffer.from(details, 'base64') }));

  const result = { id, headers: {}, trailers: {}, replies: [] };
  const take = reply => {
    result.replies.push({ text: reply.text, size: reply.payload.length, deadlineMs: reply.deadline_ms });
    if (result.replies.length === pauseAfter) { call.pause(); say({ id, event: 'paused' }); }
  };
  let parts = responseStream ? 2 : 1;
  const part = () => { if (--parts === 0) { calls.delete(id); say(result); } };

  const args = [headers, timeoutMs ? { deadline: Date.now() + timeoutMs } : {}];
  if (!requestStream) args.unshift(messages[0]);
  if (!responseStream) args.push((error, reply) => { if (reply) take(reply); });
  const call = clientFor(address, options)[method](...args);
  calls.set(id, call);
  call.on('metadata', received => { result.headers = show(received); });
  call.on('status', ({ code, details, metadata }) => { Object.assign(result, { code, detail: details, trailers: show(metadata) }); part(); });
  if (responseStream) call.on('data', take).on('error', () => {}).on('end', part);
  if (requestStream) { for (const message of messages) call.write(message); call.end(); }
}

listen(line => line.resume ? calls.get(line.resume).resume() : line.cancel ? calls.get(line.cancel).cancel() : run(line));
