// Reads a file of OCEL 2.0 JSON: holds it against the schema beside this file with Ajv, follows every reference, and tells what it found, as JSON.
const { readFileSync } = require('fs');
const path = require('path');
const Ajv = require('ajv');

const ajv = new Ajv({ allErrors: true });
ajv.addFormat('date-time', (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)));
const log = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const holds = ajv.compile(JSON.parse(readFileSync(path.join(__dirname, 'ocel20.schema.json'), 'utf8')));
const problems = holds(log) ? [] : holds.errors.map((error) => `${error.instancePath} ${error.message}`);

const ids = new Set();
const attributes = new Map([...log.objectTypes, ...log.eventTypes].map((type) => [type.name, new Set(type.attributes.map((attribute) => attribute.name))]));
for (const { id, type, attributes: values } of [...log.objects, ...log.events]) {
  if (ids.has(id)) problems.push(`${id} is there twice`);
  ids.add(id);
  for (const { name } of values) {
    if (!attributes.get(type)?.has(name)) problems.push(`${type} has no ${name}`);
  }
}
const objects = new Set(log.objects.map((object) => object.id));
for (const { id, relationships } of [...log.objects, ...log.events]) {
  for (const { objectId } of relationships) {
    if (!objects.has(objectId)) problems.push(`${id} is of ${objectId}, which is not there`);
  }
}

const count = (items) => items.reduce((counts, { type }) => ({ ...counts, [type]: (counts[type] ?? 0) + 1 }), {});
console.log(JSON.stringify({
  problems,
  events: count(log.events),
  objects: count(log.objects),
  qualifiers: [...new Set([...log.objects, ...log.events].flatMap((item) => item.relationships.map((relation) => relation.qualifier)))].sort(),
  custom: [...new Set(log.events.flatMap((event) => event.attributes.filter(({ name }) => name.startsWith('custom.')).map(({ name, value }) => `${name}=${value}`)))].sort(),
}));
