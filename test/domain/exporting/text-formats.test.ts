import { describe, expect, it } from 'vitest';
import { csvExport, neo4jCsvExport } from '../../../src/domain/exporting/csv.js';
import { cypherExport } from '../../../src/domain/exporting/cypher.js';
import { dotExport } from '../../../src/domain/exporting/dot.js';
import { withoutUnwritable, LONE_SURROGATE, type ExportChunk, type Exporter } from '../../../src/domain/exporting/export-format.js';
import { graphmlExport } from '../../../src/domain/exporting/graphml.js';
import type { GraphNode } from '../../../src/domain/graph-node.js';
import type { Partition } from '../../../src/domain/partition.js';
import { definition, edge, external, partition } from '../../../src/testing/contracts/sample-graph.js';
import { contains, readerOf } from '../querying/sample-reader.js';
import { readCsv, readCypherText, readXmlText } from './readers.js';

const load = definition({ path: 'b.ts', name: 'load', line: 7 });
const Shop = definition({ path: 'a.ts', name: 'Shop', kind: 'class', line: 2 });
const read = external('fs', 'read');
const SHOP: readonly Partition[] = [
  partition('a.ts', { nodes: [Shop, read], edges: [...contains('a.ts', Shop), edge(Shop, load, { sites: [{ line: 3, column: 5 }, { line: 4, column: 9, via: 'new' }] }), edge(Shop, read, { certainty: 'candidate' })] }),
  partition('b.ts', { nodes: [load, read], edges: [...contains('b.ts', load), edge(load, read)] }),
];

/** What a format's files hold, as text. */
async function written(exporter: Exporter, partitions: readonly Partition[] = SHOP): Promise<Readonly<Record<string, string>>> {
  const files = new Map<string, Uint8Array[]>();
  for await (const { file, bytes } of exporter(await readerOf(partitions), {}) as AsyncIterable<ExportChunk>) files.set(file, [...files.get(file) ?? [], bytes]);
  return Object.fromEntries([...files].map(([file, chunks]) => [file, new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))]));
}

/** Names that some format has a meaning for, or cannot hold. */
const HOSTILE = [
  'plain', 'a"b', "a'b", "a\\'b", 'a\\', 'a\\"', 'a,b;c', 'a\nb', 'a\r\nb', 'a\tb', '<b>&amp;</b>', ']]>', '\\N \\G \\l', '*/ // --', 'a;b\n}', '=1+1', '@x', '\u0000', '\u0001\u001b[31m', '\u007f',
  '\ud800', 'x\udc00y', '\ufffe', '\\u0027', "\\u0027'", '\\\\u0000', '\\u0000', '\\ud800', '𝒳 é 日本', ' ', '',
];
const hostile = HOSTILE.map((name, index): GraphNode => ({ ...definition({ path: 'h.ts', name, kind: 'method', line: index + 1 }), signature: name, doc: name }));
const HOSTILE_GRAPH = [partition('h.ts', { nodes: hostile, edges: hostile.map((node) => edge('h.ts', node)) })];
/** What stands for a text that has something in it that no UTF-8, or no XML, can hold. */
const standsFor = (text: string): string => text.replaceAll('\\', '\\\\').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\p{Cs}]/gu, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
const SURROGATES = new Set(['\ud800', 'x\udc00y', '\\u0027', "\\u0027'", '\\\\u0000', '\\u0000', '\\ud800']);
const expectedIn = (unwritable: ReadonlySet<string>): string[] => HOSTILE.map((name) => (unwritable.has(name) ? standsFor(name) : name));

describe('a text with what a format cannot hold', () => {
  it('stays another than every other text', () => {
    const texts = ['', '\\', '\\\\', '\ud800', '\\ud800', '\\\\ud800', '\\\ud800', '\\\\\ud800', 'u', '\\u'];
    expect(new Set(texts.map((text) => withoutUnwritable(text, LONE_SURROGATE))).size).toBe(texts.length);
    expect(withoutUnwritable('a\\b', LONE_SURROGATE)).toBe('a\\b');
  });
});

describe('CSV', () => {
  it('is two tables: every node once, every edge', async () => {
    const files = await written(csvExport);
    expect(Object.keys(files)).toEqual(['nodes.csv', 'edges.csv']);
    const [header, ...nodes] = readCsv(files['nodes.csv'] ?? '');
    expect(header?.join()).toBe('id,kind,name,qualifiedName,path,language,line,column,startLine,startColumn,endLine,endColumn,exported,modifiers,signature,doc,parent,package');
    expect(nodes.map(([id]) => id)).toEqual(['a.ts', 'a.ts#Shop#', 'external:fs#read', 'b.ts', 'b.ts#load().']);
    expect(nodes[1]).toEqual(['a.ts#Shop#', 'class', 'Shop', 'Shop', 'a.ts', 'typescript', '2', '10', '2', '1', '4', '2', 'true', 'async', 'async function Shop(): Promise<void>', 'Does Shop.', 'a.ts', null]);
    expect(nodes[2]).toEqual(['external:fs#read', 'external', 'read', 'fs.read', ...Array.from({ length: 13 }, () => null), 'fs']);
    expect(readCsv(files['edges.csv'] ?? '')).toEqual([
      ['from', 'to', 'kind', 'certainty', 'line', 'column', 'via', 'sites'],
      ['a.ts', 'a.ts#Shop#', 'CONTAINS', 'certain', null, null, null, null],
      ['a.ts#Shop#', 'b.ts#load().', 'CALLS', 'certain', '3', '5', 'new', '3:5;4:9:new'],
      ['a.ts#Shop#', 'external:fs#read', 'CALLS', 'candidate', '3', '5', null, '3:5'],
      ['b.ts', 'b.ts#load().', 'CONTAINS', 'certain', null, null, null, null],
      ['b.ts#load().', 'external:fs#read', 'CALLS', 'certain', '3', '5', null, '3:5'],
    ]);
  });

  it('keeps every name exactly; half a surrogate pair, which UTF-8 does not have, is spelled out', async () => {
    const rows = readCsv((await written(csvExport, HOSTILE_GRAPH))['nodes.csv'] ?? '').slice(2);
    expect(rows.map((row) => row[2])).toEqual(expectedIn(SURROGATES));
  });

  it('has the headers that neo4j-admin reads, where that is asked for', async () => {
    const files = await written(neo4jCsvExport);
    const [header, , shop] = readCsv(files['nodes.csv'] ?? '');
    expect(header?.join()).toBe('id:ID,kind,name,qualifiedName,path,language,line:int,column:int,startLine:int,startColumn:int,endLine:int,endColumn:int,exported:boolean,modifiers:string[],signature,doc,parent,package,:LABEL');
    expect(shop?.at(-1)).toBe('CodeloomNode;Class');
    expect(files['edges.csv']?.split('\r\n')[0]).toBe(':START_ID,:END_ID,:TYPE,certainty,line:int,column:int,via:string[],sites:string[]');
  });
});

describe('GraphML', () => {
  it('has all nodes before all edges, with typed properties', async () => {
    const text = (await written(graphmlExport))['graph.graphml'] ?? '';
    expect([...text.matchAll(/<(node|edge) /g)].map(([, what]) => what)).toEqual(['node', 'node', 'node', 'node', 'node', 'edge', 'edge', 'edge', 'edge', 'edge']);
    expect(text).toContain('<key id="node-line" for="node" attr.name="line" attr.type="int"/>');
    expect(text).toContain('<data key="graph-repository">github.com/acme/shop</data>');
    expect(text).toContain('    <edge source="a.ts#Shop#" target="b.ts#load().">\n      <data key="edge-kind">CALLS</data>\n      <data key="edge-certainty">certain</data>\n'
      + '      <data key="edge-line">3</data>\n      <data key="edge-column">5</data>\n      <data key="edge-via">new</data>\n      <data key="edge-sites">3:5 4:9:new</data>\n    </edge>\n');
    const declared = new Set([...text.matchAll(/<key id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, key] of text.matchAll(/<data key="([^"]+)"/g)) expect(declared).toContain(key);
  });

  it('is XML whatever the names are; what XML cannot hold is spelled out', async () => {
    const text = (await written(graphmlExport, HOSTILE_GRAPH))['graph.graphml'] ?? '';
    const names = [...text.matchAll(/<data key="node-name">([^<]*)<\/data>/g)].map(([, name]) => readXmlText(name ?? ''));
    expect(names.slice(1)).toEqual(expectedIn(new Set([...SURROGATES, '\u0000', '\u0001\u001b[31m', '\ufffe'])));
    const ids = [...text.matchAll(/<node id="([^"]*)"/g)].map(([, id]) => readXmlText(id ?? ''));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...text.matchAll(/target="([^"]*)"/g)].map(([, id]) => readXmlText(id ?? '')).sort()).toEqual(ids.slice(1).sort());
  });
});

describe('DOT', () => {
  it('draws what is possible dashed', async () => {
    const text = (await written(dotExport))['graph.dot'] ?? '';
    expect(text).toMatch(/^digraph codeloom \{\n[^]*\n\}\n$/);
    expect(text).toContain('  "a.ts#Shop#" [label="Shop", shape="component", kind="class", name="Shop",');
    expect(text).toContain('  "a.ts#Shop#" -> "external:fs#read" [label="CALLS", style="dashed", kind="CALLS", certainty="candidate", line="3", column="5", sites="3:5"];\n');
  });

  it('holds every name between its quotes', async () => {
    const text = (await written(dotExport, HOSTILE_GRAPH))['graph.dot'] ?? '';
    // Graphviz's scanner: a quoted text ends at a quote without a backslash before it; two backslashes are no escape of what follows
    const statement = /\s*(?:"((?:[^"\\]|\\[^])*)"|(->)|[^"]|$)/y;
    const outside: string[] = [];
    for (statement.lastIndex = 0; statement.lastIndex < text.length; ) {
      const found = statement.exec(text);
      if (found === null) break;
      if (found[1] === undefined) outside.push(found[0].trim());
    }
    expect(outside.join('')).toMatch(/^digraphcodeloom\{(\w+=?|[[\],;=]|->)+\}$/);
    const ids = [...text.matchAll(/^ {2}"((?:[^"\\]|\\[^])*)" \[label/gm)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(HOSTILE.length + 1);
    expect([...text.matchAll(/^ {2}"h\.ts" -> "((?:[^"\\]|\\[^])*)" \[/gm)].map(([, id]) => id).sort()).toEqual(ids.slice(1).sort());
    expect(text).not.toContain('\u0000');
  });
});

describe('Cypher', () => {
  it('makes nodes and edges anew or as they were, and removes what an earlier snapshot left', async () => {
    const text = (await written(cypherExport))['graph.cypher'] ?? '';
    const statements = text.split(/;\n/);
    expect(statements[0]).toBe('CREATE CONSTRAINT codeloom_node IF NOT EXISTS FOR (n:CodeloomNode) REQUIRE (n.repository, n.id) IS UNIQUE');
    expect(statements.filter((each) => each.startsWith('UNWIND')).map((each) => /n:[A-Z]\w+ REMOVE|e:\w+/.exec(each)?.[0])).toEqual(['n:File REMOVE', 'n:Class REMOVE', 'n:Function REMOVE', 'n:External REMOVE', 'e:CONTAINS', 'e:CALLS']);
    expect(text).toContain("{from: 'a.ts#Shop#', to: 'b.ts#load().', set: {certainty: 'certain', line: 3, column: 5, via: ['new'], sites: ['3:5', '4:9:new']}}");
    expect(text).not.toMatch(/\bCREATE \(/);
    expect(statements.at(-2)).toMatch(/^MATCH \(n:CodeloomNode \{repository: 'github\.com\/acme\/shop'\}\) WHERE n\.snapshot <> '[0-9a-f]{64}' DETACH DELETE n$/);
  });

  it('lets no name out of its quotes, also for a reader that decodes \\u0027 first', async () => {
    const text = (await written(cypherExport, HOSTILE_GRAPH))['graph.cypher'] ?? '';
    const names = [...text.matchAll(/^\{id: [^]*?, kind: 'method', name: ([^]*?), qualifiedName: /gm)].map(([, name]) => readCypherText(name ?? ''));
    expect(names).toEqual(expectedIn(SURROGATES));
    expect(text).not.toMatch(/\\\\u00/);
    // every quoted text taken out, nothing of a name is left
    expect(text.replace(/'(?:[^'\\]|\\[^])*'/g, '').replace(/UNWIND|AS row|MERGE|MATCH|SET|REMOVE|DETACH|DELETE|WHERE/g, '')).not.toMatch(/b>|日本|--|=1/);
  });

  it('cuts many rows into several statements', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => definition({ path: 'm.ts', name: `f${index}`, line: index + 1 }));
    const text = (await written(cypherExport, [partition('m.ts', { nodes: many })]))['graph.cypher'] ?? '';
    expect(text.match(/n:Function REMOVE/g)).toHaveLength(3);
  });
});

describe('every format', () => {
  it.each([['csv', csvExport], ['neo4j-csv', neo4jCsvExport], ['graphml', graphmlExport], ['dot', dotExport], ['cypher', cypherExport]] as const)('%s gives the same bytes for the same graph, in bounded chunks', async (_, exporter) => {
    const many = Array.from({ length: 3000 }, (_each, index) => definition({ path: 'm.ts', name: `f${index}`, line: index + 1 }));
    const partitions = [...SHOP, partition('m.ts', { nodes: many })];
    expect(await written(exporter, partitions)).toEqual(await written(exporter, [...partitions].reverse()));
    const sizes: number[] = [];
    for await (const { bytes } of exporter(await readerOf(partitions), {})) sizes.push(bytes.length);
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
  });
});
