// Asks DuckDB for the waterfall by month and channel: counts, means and exact medians, all of it from one row a journey.
// node waterfall.mjs journeys.csv rounds threads, prints {"load": ms, "all": [ms], "segment": [ms]}
import { DuckDBInstance } from '@duckdb/node-api';

const [file, rounds, threads] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:', { threads })).connect();
const pairs = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [0, 5]];
const figures = pairs.map(([from, to]) => `count(r${from}), count(r${to}), avg(r${to} - r${from}), quantile_cont(r${to} - r${from}, 0.5)`).join(', ');
const question = (where) => `SELECT date_trunc('month', make_timestamp(r0)) AS month, channel, ${figures} FROM journeys ${where} GROUP BY ALL`;

async function time(sql) {
  const start = performance.now();
  const answer = await connection.runAndReadAll(sql);
  return { took: performance.now() - start, rows: answer.currentRowCount };
}

const load = await time(`CREATE TABLE journeys AS SELECT * FROM read_csv('${file}', header = true,
  columns = {channel: 'VARCHAR', segment: 'VARCHAR', r0: 'BIGINT', r1: 'BIGINT', r2: 'BIGINT', r3: 'BIGINT', r4: 'BIGINT', r5: 'BIGINT'})`);
const answers = { load: load.took, all: [], segment: [], groups: 0 };
for (let round = 0; round <= rounds; round++) {
  const all = await time(question(''));
  const segment = await time(question(`WHERE segment = 'segment-1'`));
  answers.groups = all.rows;
  if (round > 0) { // the first warms up
    answers.all.push(all.took);
    answers.segment.push(segment.took);
  }
}
console.log(JSON.stringify(answers));
