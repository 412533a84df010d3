// Creates a lead, hears from RabbitMQ that its journey began, reads the waterfall.
// Exit code 0 when all of that was done, or 1 with a sentence that says what was not.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import amqp from 'amqplib';

const definitions = protoLoader.loadSync(
  ['google/rpc/errors.proto', 'l2r/intake/v1/intake_service.proto', 'l2r/metrics/v1/metrics_service.proto'],
  { includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))], keepCase: true, longs: Number, enums: String, defaults: true });
const { l2r } = grpc.loadPackageDefinition(definitions);

const retryWhereUnavailable = JSON.stringify({
  methodConfig: [{
    name: [{}],
    retryPolicy: { maxAttempts: 5, initialBackoff: '0.2s', maxBackoff: '2s', backoffMultiplier: 2, retryableStatusCodes: ['UNAVAILABLE'] },
  }],
});

async function main() {
  const intake = connect(l2r.intake.v1.IntakeService);
  const metrics = connect(l2r.metrics.v1.MetricsService);

  // The queue comes first: it gets what happens from now on.
  const events = await listen(setting('L2R_RABBITMQ'), setting('L2R_TENANT'));

  // A lead without e-mail and external id is refused, with the fields that are wrong.
  try {
    await call(intake, 'CreateLead', { lead: { channel: 'web-form' } });
  } catch (error) {
    if (error.code !== grpc.status.INVALID_ARGUMENT) throw error;
    const { reason, violations } = readRefusal(error);
    console.log(`Refused: ${reason}`);
    for (const { field, description } of violations) console.log(`  ${field}: ${description}`);
  }

  // With a request_id the call may be sent again: L2R then answers with the lead that the first one made.
  const { lead } = await call(intake, 'CreateLead', {
    lead: { person: { email: `ada.${randomUUID()}@example.com` }, channel: 'web-form' },
    request_id: randomUUID(),
  });
  console.log(`Created: ${lead.name}`);

  const change = await events.waitFor(lead.name);
  console.log(`Heard: ${change.lead} entered ${nameOf(change.to)}`);

  // Metrics hears of it as we did, perhaps a moment later.
  while (!await isKnown(metrics, lead.journey)) await delay(200);
  const waterfall = await call(metrics, 'GetWaterfall', { horizons: [{ seconds: 30 * 86_400 }] });
  print(waterfall.groups[0]);

  await events.close();
  intake.close();
  metrics.close();
}

function connect(Service) {
  const address = new URL(setting('L2R_GATEWAY'));
  const credentials = address.protocol === 'https:' ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
  return new Service(address.host, credentials, { 'grpc.service_config': retryWhereUnavailable });
}

function call(client, method, request) {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${setting('L2R_TOKEN')}`);
  return new Promise((resolve, reject) =>
    client[method](request, metadata, { deadline: Date.now() + 10_000 }, (error, answer) => error ? reject(error) : resolve(answer)));
}

// What a failed call says beside its code: a reason to branch on (docs/errors.md lists them), and the fields that are wrong, all at once.
function readRefusal(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  const refusal = { reason: '', violations: [] };
  for (const { type_url, value } of bytes ? definitions['google.rpc.Status'].deserialize(bytes).details : []) {
    const type = type_url.split('/').pop();
    if (type === 'google.rpc.ErrorInfo') refusal.reason = definitions[type].deserialize(value).reason;
    if (type === 'google.rpc.BadRequest') refusal.violations = definitions[type].deserialize(value).field_violations;
  }
  return refusal;
}

async function listen(address, tenant) {
  const connection = await amqp.connect(address).catch(error => {
    throw new Error(`RabbitMQ does not answer: ${error.message}`, { cause: error });
  });
  connection.on('error', fail);
  const channel = await connection.createChannel();
  channel.on('error', fail);

  // A queue for this run alone, gone with the connection. One that has to outlive it is durable and has a name: docs/events.md.
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'l2r.ledger.v1.StagesChanged', `live.${tenant}.#`);

  async function waitFor(lead) {
    const handled = new Set();
    return new Promise((resolve, reject) => {
      channel.consume(queue, delivery => {
        const { eventId, changes } = JSON.parse(delivery.content).message;
        if (!handled.has(eventId)) { // an event may come twice
          handled.add(eventId);
          const change = changes.find(one => one.lead === lead);
          if (change) resolve(change);
        }
        channel.ack(delivery); // after the work: else a crash would lose it
      }).catch(reject);
    });
  }

  return { waitFor, close: () => connection.close() };
}

async function isKnown(metrics, journey) {
  try {
    await call(metrics, 'GetJourney', { name: journey });
    return true;
  } catch (error) {
    if (readRefusal(error).reason !== 'JOURNEY_NOT_FOUND') throw error;
    return false;
  }
}

function print({ volumes, pairs }) {
  console.log('Reach:');
  for (const { stage, reach_count } of volumes.slice(0, 6)) { // exits follow the stages
    console.log(`  ${nameOf(stage).padEnd(11)} ${String(reach_count).padStart(6)}`);
  }

  const percent = ratio => (100 * ratio).toFixed(2);
  const { rate } = pairs.find(pair => pair.from === 'STAGE_LEAD' && pair.to === 'STAGE_MQL').horizons[0];
  console.log('LEAD to MQL within 30 days: ' + (rate.no_value_reason
    ? `no rate, ${rate.no_value_reason}`
    : `${percent(rate.ratio)}%, 95% interval ${percent(rate.interval_low_ratio)} to ${percent(rate.interval_high_ratio)}%, of ${rate.cohort_count}`));
}

function nameOf(stage) {
  return stage.slice('STAGE_'.length);
}

function setting(name) {
  return process.env[name] || fail(new Error(`${name} is not set: README.md says where to find it.`));
}

function fail(error) {
  const code = error.metadata && grpc.status[error.code];
  console.error(code ? `The call failed with ${code}: ${error.details}` : error.message);
  process.exit(1);
}

const patience = setTimeout(() => fail(new Error('Not all of it was done within 60 seconds.')), 60_000);
await main().catch(fail);
clearTimeout(patience);
