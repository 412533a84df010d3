// Serves echo.proto. Says { port } first, then { event: 'cancelled' | 'stalled', text, written }.
const { grpc, EchoService, say, listen } = require('./peer.js');

const stallMs = 300;

function begin(call) {
  const headers = new grpc.Metadata(), trailers = new grpc.Metadata();
  for (const key of Object.keys(call.metadata.getMap()).filter(key => key.startsWith('x-'))) {
    for (const value of call.metadata.get(key)) { headers.add(key, value); trailers.add('t-' + key, value); }
  }
  call.sendMetadata(headers);
  const deadline = call.getDeadline();
  return { trailers, deadline_ms: Number.isFinite(+deadline) ? Math.round(deadline - Date.now()) : 0 };
}

function failure({ code, detail, details }, trailers) {
  if (!code) return null;
  if (details.length > 0) trailers.set('grpc-status-details-bin', details);
  return { code, details: detail, metadata: trailers };
}

const onCancel = (call, text) => call.on('cancelled', () => say({ event: 'cancelled', text }));
const reply = (request, text, deadline_ms) => ({ text, payload: Buffer.alloc(request.reply_size), deadline_ms });

function unary(call, done) {
  const { trailers, deadline_ms } = begin(call), request = call.request;
  if (request.hang) return onCancel(call, request.text);
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
server.addService(EchoService.service, { Unary: unary, ClientStream: clientStream, ServerStream: serverStream, Duplex: duplex });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => { if (error) throw error; say({ port }); });
listen(() => {});
