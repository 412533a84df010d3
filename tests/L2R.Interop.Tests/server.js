// Serves echo.proto, at ECHO_PORT where that is set, over TLS where ECHO_CERTIFICATE and ECHO_KEY are.
// Says { port } first, then { event: 'cancelled' | 'stalled', text, written }.
const { grpc, EchoService, say, listen } = require('./peer.js');

const stallMs = 300;

const number = (call, name, missing = 0) => Number(call.metadata.get(name)[0] ?? missing);

// What ends an attempt before it sends headers: a status to fail with, or true for one that hangs; null for neither.
function refusal(call) {
  const previous = number(call, 'grpc-previous-rpc-attempts');
  if (previous < number(call, 'hang-attempts')) {
    say({ event: 'hanging', text: 'attempt' });
    onCancel(call, 'attempt');
    return true;
  }
  if (previous >= number(call, 'fail-attempts')) return null;
  const metadata = new grpc.Metadata();
  for (const pushback of call.metadata.get('pushback')) metadata.add('grpc-retry-pushback-ms', pushback);
  return { code: number(call, 'fail-code', 14), details: `attempt ${previous}`, metadata };
}

// A handler that looks at the attempt first. The one with a callback answers by it.
const refusing = handler => (call, done) => {
  const refused = refusal(call);
  if (!refused) handler(call, done);
  else if (refused !== true) done ? done(refused) : call.emit('error', refused);
};

function begin(call) {
  const headers = new grpc.Metadata(), trailers = new grpc.Metadata();
  for (const key of Object.keys(call.metadata.getMap()).filter(key => key.startsWith('x-'))) {
    for (const value of call.metadata.get(key)) { headers.add(key, value); trailers.add('t-' + key, value); }
  }
  for (const previous of call.metadata.get('grpc-previous-rpc-attempts')) headers.add('attempts-before', previous);
  call.sendMetadata(headers);
  const deadline = call.getDeadline();
  return { trailers, deadline_ms: Number.isFinite(+deadline) ? Math.round(deadline - Date.now()) : 0 };
}

function failure({ code, detail, details }, trailers) {
  if (!code) return null;
  if (details.length > 0) trailers.set('grpc-status-details-bin', details);
  return { code, details: detail, metadata: trailers };
}

const hang = (call, text) => { say({ event: 'hanging', text }); onCancel(call, text); };
const onCancel = (call, text) => call.on('cancelled', () => say({ event: 'cancelled', text }));
const reply = (request, text, deadline_ms) => ({ text, payload: Buffer.alloc(request.reply_size), deadline_ms });

function unary(call, done) {
  const { trailers, deadline_ms } = begin(call), request = call.request;
  if (request.hang) return hang(call, request.text);
  const error = failure(request, trailers);
  error ? done(error) : done(null, reply(request, request.text, deadline_ms), trailers);
}

function clientStream(call, done) {
  const { trailers, deadline_ms } = begin(call);
  if (call.metadata.get('deaf').length > 0) return onCancel(call, 'deaf');
  let texts = '', error = null, last = { reply_size: 0 };
  call.on('data', request => { last = request; texts += request.text; error ??= failure(request, trailers); });
  call.on('end', () => error ? done(error) : done(null, reply(last, texts, deadline_ms), trailers));
}

async function serverStream(call) {
  const { trailers, deadline_ms } = begin(call), request = call.request;
  onCancel(call, request.text);
  if (request.hang) return;
  for (let written = 0; written < request.replies && !call.cancelled; written++) {
    if (!call.write(reply(request, `${request.text}${written}`, deadline_ms))) {
      const stalled = setTimeout(() => say({ event: 'stalled', text: request.text, written }), stallMs);
      await new Promise(drained => call.once('drain', drained));
      clearTimeout(stalled);
    }
  }
  const error = failure(request, trailers);
  error ? call.emit('error', error) : call.end(trailers);
}

function duplex(call) {
  const { trailers, deadline_ms } = begin(call);
  if (call.metadata.get('deaf').length > 0) return onCancel(call, 'deaf');
  let error = null;
  call.on('data', request => {
    if (request.hang) onCancel(call, request.text);
    error ??= failure(request, trailers);
    if (!error) call.write(reply(request, request.text, deadline_ms));
  });
  call.on('end', () => error ? call.emit('error', error) : call.end(trailers));
}

const server = new grpc.Server();
server.addService(EchoService.service, {
  Unary: refusing(unary), ClientStream: refusing(clientStream), ServerStream: refusing(serverStream), Duplex: refusing(duplex),
});
const { ECHO_PORT = 0, ECHO_CERTIFICATE, ECHO_KEY } = process.env;
const credentials = ECHO_KEY
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(ECHO_CERTIFICATE), private_key: Buffer.from(ECHO_KEY) }])
  : grpc.ServerCredentials.createInsecure();
server.bindAsync(`127.0.0.1:${ECHO_PORT}`, credentials, (error, port) => { if (error) throw error; say({ port }); });
listen(() => {});
