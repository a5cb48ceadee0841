import type { Codeloom, Partition, Snapshot } from '../../../src/index.js';

/** How the graph of one snapshot differs from that of another: path by path, the nodes, edges, sites and diagnostics that only one has. Empty when nothing differs. */
export async function graphDifference(actual: { readonly codeloom: Codeloom; readonly snapshot: Snapshot }, expected: { readonly codeloom: Codeloom; readonly snapshot: Snapshot }): Promise<string> {
  const [found, wanted] = [await partitionsOf(actual), await partitionsOf(expected)];
  const lines: string[] = [];
  for (const path of [...new Set([...found.keys(), ...wanted.keys()])].sort()) {
    const [is, should] = [found.get(path), wanted.get(path)];
    if (is === undefined || should === undefined) {
      lines.push(`${path}: ${is === undefined ? 'is missing' : 'should not be there'}`);
      continue;
    }
    for (const part of ['nodes', 'edges', 'unresolved', 'diagnostics'] as const) {
      const [has, needs] = [is[part].map((each) => JSON.stringify(each)), should[part].map((each) => JSON.stringify(each))];
      for (const each of has) if (!needs.includes(each)) lines.push(`${path}: ${part} has, and should not: ${each}`);
      for (const each of needs) if (!has.includes(each)) lines.push(`${path}: ${part} should have: ${each}`);
      if (has.length === needs.length && has.every((each) => needs.includes(each)) && has.join() !== needs.join()) lines.push(`${path}: ${part} in another order`);
    }
    if (is.blob !== should.blob) lines.push(`${path}: of blob ${is.blob}, should be of ${should.blob}`);
    if (JSON.stringify(is.verdicts) !== JSON.stringify(should.verdicts)) lines.push(`${path}: verdicts ${JSON.stringify(is.verdicts)}, should be ${JSON.stringify(should.verdicts)}`);
  }
  return lines.join('\n');
}

async function partitionsOf({ codeloom, snapshot }: { readonly codeloom: Codeloom; readonly snapshot: Snapshot }): Promise<Map<string, Partition>> {
  return codeloom.read({ repository: snapshot.repository, snapshot: snapshot.id }, async (reader) => {
    const partitions = new Map<string, Partition>();
    for await (const batch of reader.partitions()) for (const partition of batch) partitions.set(partition.path, partition);
    return partitions;
  });
}
