import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { decodeScip, encodeScipPart } from '../../../src/domain/scip/codec.js';
import type { ScipPart } from '../../../src/domain/scip/scip-index.js';
import { parseScipSymbol } from '../../../src/domain/scip/symbol-text.js';

const METADATA: ScipPart = { part: 'metadata', metadata: { tool: 'scip-toy', toolVersion: '1', projectRoot: 'file:///shop' } };
const PARTS: readonly ScipPart[] = [
  METADATA,
  {
    part: 'document', document: {
      path: 'a.toy', language: 'Toy', encoding: 'utf-8', text: 'def é\n',
      occurrences: [{ range: [0, 4, 0, 6], symbol: 'local 1', roles: 1, syntax: 15, enclosing: [0, 0, 2, 1] }, { range: [1, 0, 3, 2], symbol: '', roles: 0, syntax: 0 }],
      symbols: [{ symbol: 'local 1', documentation: ['One.', 'Two.'], kind: 17, displayName: 'é', relationships: [{ symbol: 'local 2', reference: true, implementation: true }], signature: { language: 'toy', text: 'def é' } }],
    },
  },
  { part: 'external', symbol: { symbol: 's . p . x.', documentation: [], kind: 0, displayName: '', relationships: [] } },
];

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = bytes.length): Promise<ScipPart[]> {
  const parts: ScipPart[] = [];
  for await (const part of decodeScip(inPieces(bytes, size))) parts.push(part);
  return parts;
}

const INDEX = Buffer.concat(PARTS.map(encodeScipPart));

describe('an index', () => {
  it.each([1, 2, 7, 1000])('is read as it was written, in pieces of %i bytes', async (size) => {
    expect(await read(INDEX, size)).toEqual(PARTS);
  });

  it('may hold ranges as numbers or as messages, and fields that nobody knows', async () => {
    const document = new BinaryWriter().tag(1, WireType.LengthDelimited).string('a').tag(99, WireType.LengthDelimited).string('?').tag(98, WireType.Varint).int32(5);
    const occurrence = (field: number, values: readonly number[]): void => {
      document.tag(2, WireType.LengthDelimited).fork().tag(field, WireType.LengthDelimited).fork();
      values.forEach((value, index) => document.tag(index + 1, WireType.Varint).int32(value));
      document.join().join();
    };
    occurrence(8, [3, 1, 4]);
    occurrence(9, [3, 1, 5, 2]);
    const bytes = new BinaryWriter().tag(77, WireType.LengthDelimited).string('later').tag(2, WireType.LengthDelimited).bytes(document.finish()).finish();
    const [, part] = await read(Buffer.concat([encodeScipPart(METADATA), bytes]));
    expect(part).toMatchObject({ part: 'document', document: { path: 'a', encoding: 'unspecified', occurrences: [{ range: [3, 1, 3, 4] }, { range: [3, 1, 5, 2] }] } });
  });

  it.each([
    ['nothing', new Uint8Array(0), 'no metadata'], ['a text', Buffer.from('#!/bin/sh\necho no index\n'), ''], ['JSON', Buffer.from('{"documents": []}'), ''],
    ['one that is cut short', INDEX.subarray(0, INDEX.length - 3), 'before the end'], ['a document without metadata', encodeScipPart(PARTS[1] ?? METADATA), 'begin with metadata'],
    ['a length that lies', Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x7f), 'bytes'], ['a broken document', Buffer.concat([encodeScipPart(METADATA), Uint8Array.of(0x12, 2, 0x0a, 0x7f)]), 'cannot be read'],
    ['a number without end', new Uint8Array(20).fill(0xff), ''],
  ])('that is %s is no index', async (_, bytes, what) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'invalid-index', message: expect.stringContaining(what) });
  });
});

describe('a symbol', () => {
  it('is read by the grammar of SCIP', () => {
    expect(parseScipSymbol('scip-typescript npm @types/no  de 1.0 src/`a.ts`/App#listen(+1).(port)[T]x.`a``b`!y:')).toEqual({
      scheme: 'scip-typescript', manager: 'npm', package: '@types/no de', version: '1.0', descriptors: [
        { name: 'src', kind: 'namespace' }, { name: 'a.ts', kind: 'namespace' }, { name: 'App', kind: 'type' }, { name: 'listen', kind: 'method', disambiguator: '+1' }, { name: 'port', kind: 'parameter' },
        { name: 'T', kind: 'type-parameter' }, { name: 'x', kind: 'term' }, { name: 'a`b', kind: 'macro' }, { name: 'y', kind: 'meta' },
      ],
    });
    expect(parseScipSymbol('s . . . f().')).toMatchObject({ manager: '', package: '', version: '', descriptors: [{ name: 'f', kind: 'method' }] });
    for (const wrong of ['', 'local 1', 's . . .', 's . . . ', 's . . . a b.', 's . . . a', 's . . . `a.']) expect(parseScipSymbol(wrong)).toBeUndefined();
  });
});
