import { afterEach, beforeEach, expect } from 'vitest';
import type { Partition } from '../../../domain/partition.js';
import type { GraphReader, GraphStore, PartitionEntry, PublishResult } from '../../../domain/ports/graph-store.js';
import type { Snapshot } from '../../../domain/snapshot.js';
import { definition, edge, external, graphOf, inBatches, partition, type SampleGraph } from '../sample-graph.js';
import type { StoreFixture } from '../store-fixture.js';

/** The store that a test is about, and what every test does with one. */
export interface GraphStoreSubject {
  readonly store: GraphStore;
  /** Another handle on the same data; absent where the store is this process's own. */
  readonly another: (() => Promise<GraphStore>) | undefined;
  /** Rows or keys that the store has; absent where the fixture does not count them. */
  readonly size: (() => Promise<number>) | undefined;
  publish(graph: SampleGraph, entries?: readonly PartitionEntry[], into?: GraphStore): Promise<PublishResult>;
  /** A reader, closed after the test. */
  read(snapshot: Snapshot, from?: GraphStore): Promise<GraphReader>;
  /** A reader of these partitions, published. */
  readerOf(partitions: readonly Partition[]): Promise<GraphReader>;
  closeLater(closable: { close(): Promise<void> }): void;
}

/** A fresh store for every test around here. */
export function graphStoreSubject(factory: () => Promise<StoreFixture<GraphStore>>): GraphStoreSubject {
  let fixture: StoreFixture<GraphStore>;
  const opened: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    fixture = await factory();
  });

  afterEach(async () => {
    for (const closable of opened.splice(0)) await closable.close();
    await fixture.store.close();
    await fixture.dispose?.();
  });

  const subject: GraphStoreSubject = {
    get store() {
      return fixture.store;
    },
    get another() {
      return fixture.another;
    },
    get size() {
      return fixture.size;
    },
    publish: ({ snapshot, manifest, entries }, brought = entries, into = fixture.store) => into.publish({ snapshot, manifest, partitions: inBatches(brought) }),
    async read(snapshot, from = fixture.store) {
      const reader = await from.open(snapshot.id);
      opened.push(reader);
      return reader;
    },
    async readerOf(partitions) {
      const graph = graphOf(partitions);
      await subject.publish(graph);
      return subject.read(graph.snapshot);
    },
    closeLater: (closable) => void opened.push(closable),
  };
  return subject;
}

/** A CodeloomError with this code, whichever copy of the class it is of. */
export function failure(code: string): unknown {
  return expect.objectContaining({ name: 'CodeloomError', code });
}

/** Three files: the app calls the cart, which calls outside and contains a function. */
export function shop(): readonly Partition[] {
  const total = definition({ path: 'src/cart.ts', name: 'total', line: 2 });
  const main = definition({ path: 'src/app.ts', name: 'main', line: 3 });
  return [
    partition('src/app.ts', {
      nodes: [main], edges: [edge('src/app.ts', main, { kind: 'CONTAINS' }), edge('src/app.ts', 'src/cart.ts', { kind: 'IMPORTS', line: 1 }), edge(main, total, { line: 4 })],
      unresolved: [{ from: main.id, name: 'render', reason: 'dynamic-receiver', line: 5, column: 3 }], diagnostics: ['a bracket is missing'],
    }),
    partition('src/cart.ts', { nodes: [total, external('lodash', 'sum')], edges: [edge('src/cart.ts', total, { kind: 'CONTAINS' }), edge(total, external('lodash', 'sum'))] }),
    partition('src/empty.ts'),
  ];
}
