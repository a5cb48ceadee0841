import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inDocument, markdown, type AccuracyRecord } from '../../bench/accuracy/report.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const document = read('docs/accuracy.md');
const record = JSON.parse(read('bench/accuracy/record.json')) as AccuracyRecord; // written by bench/accuracy/run.mjs

describe('docs/accuracy.md', () => {
  it('carries the tables of the record', () => {
    expect(document).toBe(inDocument(document, markdown(record)));
  });

  it('speaks of as many misses and wrong calls as the record has', () => {
    const missed = Object.values(record.repositories).flatMap(({ errors }) => errors.filter(({ error, kind }) => error === 'missed' && kind === 'CALLS'));
    const table = [...document.matchAll(/^\| .* \| (\d+) \| [a-z]+ \|$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(table).toBe(missed.length);
    const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen'];
    const beyond = missed.filter(({ amongCandidates }) => !amongCandidates).length;
    expect(document).toContain(`All${beyond === 0 ? '' : ` but ${words[beyond]}`} of these ${words[missed.length]} calls`);
    const wrong = Object.values(record.repositories).flatMap(({ errors }) => errors.filter(({ error, kind }) => error === 'wrong' && kind === 'CALLS'));
    expect(document).toContain(`read at both ends: of ${words[wrong.length]},`);
  });

  it('names no machine', () => {
    expect(read('bench/accuracy/record.json')).not.toMatch(/"\/(?:tmp|home|root|Users)\b/);
  });
});
