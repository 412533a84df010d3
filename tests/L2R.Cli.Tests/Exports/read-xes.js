// Reads a file of XES with PM4JS and tells what it found, as JSON.
const { readFileSync } = require('fs');
console.log = () => {}; // PM4JS greets
require('pm4js');

const read = XesImporter.apply(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(JSON.stringify({
  extensions: Object.keys(read.extensions),
  classifiers: read.classifiers,
  globals: Object.fromEntries(Object.entries(read.globals).map(([scope, global]) => [scope, Object.keys(global.attributes)])),
  traces: read.traces.map((trace) => ({
    name: trace.attributes['concept:name'].value,
    channel: trace.attributes.channel?.value,
    events: trace.events.map((event) => ({
      stage: event.attributes['concept:name'].value,
      time: event.attributes['time:timestamp'].value,
      resource: event.attributes['org:resource']?.value,
      cost: event.attributes['cost:total']?.value,
    })),
  })),
}), () => process.exit(0));
