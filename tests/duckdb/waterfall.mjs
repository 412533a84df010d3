// Asks DuckDB for the waterfall by month and channel, all of it from one row a journey: each stage by the month in which it was reached, each
// pair by that of its start and by that of its end, with means, exact medians and percentiles, as GetWaterfall answers. And for less: counts, means and
// medians of the pairs by the month of the lead alone, one pass.
// node waterfall.mjs journeys.csv rounds threads, prints {"load": ms, "all": [ms], "segment": [ms], "less": [ms]}
import { DuckDBInstance } from '@duckdb/node-api';

const [file, rounds, threads] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:', { threads })).connect();
const pairs = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [0, 5]];
const month = (stage) => `date_trunc('month', make_timestamp(r${stage}))`;
const times = ([from, to]) => `avg(r${to} - r${from}) AS mean, quantile_cont(r${to} - r${from}, [0.5, 0.75, 0.9]) AS quantiles`;
const group = (name, stage, columns, where) =>
  `SELECT '${name}' AS name, ${month(stage)} AS month, channel, ${columns} FROM journeys WHERE r${stage} IS NOT NULL ${where} GROUP BY ALL`;
const question = (where) => [
  ...[0, 1, 2, 3, 4, 5].map((stage) => group(`reach ${stage}`, stage, 'count(*) AS n, NULL AS converted, NULL AS mean, NULL AS quantiles', where)),
  ...pairs.map((pair) => group(`cohort ${pair}`, pair[0], `count(*) AS n, count(r${pair[1]}) AS converted, ${times(pair)}`, where)),
  ...pairs.map((pair) => group(`throughput ${pair}`, pair[1], `count(*) AS n, NULL AS converted, ${times(pair)}`, where)),
].join(' UNION ALL ');
const figures = pairs.map(([from, to]) => `count(r${from}), count(r${to}), avg(r${to} - r${from}), quantile_cont(r${to} - r${from}, 0.5)`).join(', ');
const less = `SELECT ${month(0)} AS month, channel, ${figures} FROM journeys GROUP BY ALL`;

async function time(sql) {
  const start = performance.now();
  const answer = await connection.runAndReadAll(sql);
  return { took: performance.now() - start, rows: answer.currentRowCount };
}

const load = await time(`CREATE TABLE journeys AS SELECT * FROM read_csv('${file}', header = true,
  columns = {channel: 'VARCHAR', segment: 'VARCHAR', r0: 'BIGINT', r1: 'BIGINT', r2: 'BIGINT', r3: 'BIGINT', r4: 'BIGINT', r5: 'BIGINT'})`);
const answers = { load: load.took, all: [], segment: [], less: [], groups: 0 };
for (let round = 0; round <= rounds; round++) {
  const all = await time(question(''));
  const segment = await time(question(`AND segment = 'segment-1'`));
  const fewer = await time(less);
  answers.groups = all.rows;
  if (round > 0) { // the first warms up
    answers.all.push(all.took);
    answers.segment.push(segment.took);
    answers.less.push(fewer.took);
  }
}
console.log(JSON.stringify(answers));
