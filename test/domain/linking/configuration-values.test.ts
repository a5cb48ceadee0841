import { expect, test } from 'vitest';
import { ConfigurationLog, MAX_CONFIGURATION, quoted, readGuarded, readJsonRecord, stringAt, stringsOf, valueAt } from '../../../src/domain/linking/configuration-values.js';

test('values are the record\'s own', () => {
  expect(valueAt({ a: { b: 1 } }, 'a', 'b')).toBe(1);
  expect(valueAt({}, 'constructor')).toBeUndefined();
  expect(valueAt({ a: {} }, 'a', '__proto__')).toBeUndefined();
  expect(valueAt([1], '0')).toBeUndefined();
  expect(stringAt({ a: 1 }, 'a')).toBeUndefined();
});

test('lists of strings leave other elements out', () => {
  expect(stringsOf(['a', 1, null, 'b'])).toEqual(['a', 'b']);
  expect(stringsOf('a')).toEqual(['a']);
  expect(stringsOf({ a: 'b' })).toBeUndefined();
});

test('JSON is read with comments, trailing commas and a byte order mark; of damaged text what can be read', () => {
  const log = new ConfigurationLog();
  expect(readJsonRecord('a.json', '\uFEFF{ // x\n "a": [1,], }', log)).toEqual({ a: [1] });
  expect(readJsonRecord('empty.json', '', log)).toEqual({});
  expect(log.list()).toEqual([]);
  expect(readJsonRecord('b.json', '{"a": 1, "b": ', log)).toEqual({ a: 1 });
  expect(readJsonRecord('c.json', '"text"', log)).toBeUndefined();
  expect(log.list().map(({ path, code }) => `${path} ${code}`)).toEqual(['b.json configuration-syntax', 'c.json configuration-type']);
});

test('no parser sees a text that is too large or too deep', () => {
  const log = new ConfigurationLog();
  const never = (): never => { throw new Error('was called'); };
  expect(readGuarded('large', ' '.repeat(MAX_CONFIGURATION + 1), log, never)).toBeUndefined();
  expect(readGuarded('deep', '[{'.repeat(200), log, never)).toBeUndefined();
  expect(readGuarded('behind a comment', `// 5" long\n${'['.repeat(300)}`, log, never)).toBeUndefined();
  expect(log.list().map(({ path, code }) => `${path} ${code}`)).toEqual(['behind a comment configuration-too-large', 'deep configuration-too-large', 'large configuration-too-large']);
  expect(readGuarded('string', `"${'['.repeat(1000)}\\"["`, log, () => 'read')).toBe('read');
  expect(readGuarded('flat', '[]'.repeat(1000), log, () => 'read')).toBe('read');
});

test('diagnostics come once each and sorted, and there are not too many', () => {
  const log = new ConfigurationLog();
  for (let round = 0; round < 2; round++) for (const path of ['b', 'a']) log.add(path, 'configuration-type', 'x');
  expect(log.list().map(({ path }) => path)).toEqual(['a', 'b']);
  for (let at = 0; at < 5000; at++) log.add(`p${at}`, 'configuration-type', 'x');
  expect(log.list()).toHaveLength(1000);
});

test('quoted text of strangers is short and on one line', () => {
  expect(quoted('a\nb')).toBe('"a\\nb"');
  expect(quoted('x'.repeat(1000)).length).toBeLessThan(150);
});
