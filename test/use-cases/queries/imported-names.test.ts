import { beforeAll, describe, expect, it } from 'vitest';
import { encodeScipPart } from '../../../src/domain/scip/codec.js';
import { ROLE, type ScipDocument, type ScipOccurrence, type ScipPart, type ScipRange } from '../../../src/domain/scip/scip-index.js';
import { importScip } from '../../../src/use-cases/import-scip.js';
import { explain } from '../../../src/use-cases/queries/explain.js';
import { VERSION } from '../workbench.js';
import { places, type Places } from './places.js';

const FILES = {
  'app/server.go': 'package app\n\ntype Server struct{}\n\nfunc (s *Server) Serve() { Listen(1); Listen(2) }\n\nfunc Listen(port int) { fmt.Println(port) }\n',
  'web/load.ts': "export function load(from: any) {\n  return from.body();\n}\nexport function known() { load(1); }\n",
  'web/body.ts': 'export class Reply { body(): string { return load; } }\n',
};
const at = (range: ScipRange, symbol: string, roles = 0): ScipOccurrence => ({ range, symbol, roles, syntax: 0 });
const SERVER = 'scip-go gomod app . app/Server#';
const LISTEN = 'scip-go gomod app . app/Listen().';
const GO: ScipDocument = {
  path: 'app/server.go', language: 'Go', encoding: 'utf-8', symbols: [{ symbol: LISTEN, kind: 17, displayName: 'Listen', documentation: [], relationships: [] }],
  occurrences: [
    at([2, 5, 2, 11], SERVER, ROLE.definition), at([4, 9, 4, 15], SERVER), at([4, 27, 4, 33], LISTEN), at([4, 38, 4, 44], LISTEN), at([6, 5, 6, 11], LISTEN, ROLE.definition),
    at([6, 12, 6, 16], 'local 1', ROLE.definition), at([6, 36, 6, 40], 'local 1'), at([6, 28, 6, 35], 'scip-go gomod github.com/golang/go/std go1 fmt/Println().'),
  ],
};
const BODY = 'scip-ts npm web . `body.ts`/Reply#body().';
const WEB: ScipDocument[] = [
  { path: 'web/body.ts', language: 'TypeScript', encoding: 'utf-16', symbols: [], occurrences: [at([0, 21, 0, 25], BODY, ROLE.definition)] },
  { path: 'web/load.ts', language: 'TypeScript', encoding: 'utf-16', symbols: [], occurrences: [at([1, 14, 1, 18], BODY)] },
];

describe('names that imported indexes know', () => {
  let shop: Places;

  beforeAll(async () => {
    shop = await places(FILES);
    for (const [tool, documents] of [['scip-go', [GO]], ['scip-ts', WEB]] as const) {
      shop.bench.clock.advance(1000);
      const parts: ScipPart[] = [{ part: 'metadata', metadata: { tool, toolVersion: '1', projectRoot: 'file:///elsewhere' } }, ...documents.map((document) => ({ part: 'document', document }) as const)];
      await importScip(shop.ports, { index: (async function* () { yield Buffer.concat(parts.map(encodeScipPart)); })() }, { indexerVersion: VERSION });
    }
  });

  const found = async (path: string, marked: string): Promise<string[]> =>
    (await shop.definition(path, marked)).results.map(({ name, kind, path: of, line, column, source }) => `${kind} ${name} ${of}:${line}:${column} ${source ?? 'codeloom'}`);

  it('are declared where they say, in a language that codeloom does not index', async () => {
    expect(await found('app/server.go', '{ ^Listen(1)')).toEqual(['function Listen app/server.go:7:6 scip:scip-go']);
    expect(await found('app/server.go', '; List^en(2)')).toEqual(['function Listen app/server.go:7:6 scip:scip-go']);
    expect(await found('app/server.go', 'func ^Listen')).toEqual(['function Listen app/server.go:7:6 scip:scip-go']);
    expect(await found('app/server.go', '*Server^)')).toEqual(['class Server app/server.go:3:6 scip:scip-go']);
    expect(await found('app/server.go', 'Println(po^rt)')).toEqual(['variable port app/server.go:7:13 scip:scip-go']);
    expect(await found('app/server.go', 'fmt.^Println')).toEqual(['external github.com/golang/go/std.Println :0:0 scip:scip-go']);
  });

  it('are not asked about what they do not name', async () => {
    expect((await shop.definition('app/server.go', '^package')).nothing).toMatchObject({ reason: 'language-not-supported' });
    expect((await shop.explain('app/server.go', '^type')).nothing).toMatchObject({ reason: 'language-not-supported' });
  });

  it('are asked where codeloom does not know, and only there', async () => {
    const answer = await shop.definition('web/load.ts', 'from.^body');
    expect(answer).toMatchObject({ completeness: 'exact', results: [{ path: 'web/body.ts', line: 1, certainty: 'certain', source: 'scip:scip-ts' }], steps: [{ rule: 'imported-index' }] });
    expect(answer.nothing).toBeUndefined();
    expect(await found('web/load.ts', '{ ^load(1)')).toEqual(['function load web/load.ts:1:17 codeloom']);
  });

  it('stand beside the explanation of a site', async () => {
    const site = shop.at('web/load.ts', 'from.^body');
    expect(await explain(shop.ports, { at: site })).toMatchObject({ results: [{ name: 'body' }], imported: [{ source: 'scip:scip-ts', name: 'body', declarations: [{ path: 'web/body.ts' }] }] });
    expect((await shop.explain('web/load.ts', '{ ^load(1)')).imported).toBeUndefined();
    expect((await explain(shop.ports, { at: 'app/server.go:5' })).imported?.map(({ name, column }) => `${name} ${column}`)).toEqual(['Server 10', 'Listen 28', 'Listen 39']);
  });
});
