// One repository of the scoreboard, in a process of its own so that no other has warmed it up: node bench/accuracy/measure.mjs <request as JSON>. Writes its
// result to descriptor 3. run.mjs starts it.
import { writeFileSync, writeSync } from 'node:fs';
import { graphOf } from './graph.mjs';
import { score } from './score.mjs';
import { treeOf } from './source.mjs';
import { readRows } from './truth.mjs';

const { checkout, source, graph } = JSON.parse(process.argv[2]);
const { rows, stages, sites } = await graphOf(treeOf(checkout, source));
if (graph !== undefined) writeFileSync(graph, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const result = { scores: score(readRows(source.truth), rows), sites, seconds: { extract: stages.extract, link: stages.link } };
// A pipe takes what it can hold at a time.
const bytes = Buffer.from(JSON.stringify(result));
for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
