import { describe } from 'vitest';
import type { GraphStore } from '../../domain/ports/graph-store.js';
import { findingContract } from './graph-store/finding.js';
import { headsContract } from './graph-store/heads.js';
import { neighboursContract } from './graph-store/neighbours.js';
import { publishingContract } from './graph-store/publishing.js';
import { readingContract } from './graph-store/reading.js';
import { retiringContract } from './graph-store/retiring.js';
import { sharingContract } from './graph-store/sharing.js';
import { graphStoreSubject } from './graph-store/subject.js';
import { traversalContract } from './graph-store/traversal.js';
import type { StoreFixture } from './store-fixture.js';

/** An empty store, made afresh for every test. */
export type GraphStoreFixture = StoreFixture<GraphStore>;

/** What every GraphStore must do: run it with a factory of empty stores. */
export function graphStoreContract(name: string, factory: () => Promise<GraphStoreFixture>): void {
  describe(`${name} as a GraphStore`, () => {
    const subject = graphStoreSubject(factory);
    publishingContract(subject);
    headsContract(subject);
    readingContract(subject);
    findingContract(subject);
    neighboursContract(subject);
    retiringContract(subject);
    sharingContract(subject);
    traversalContract(subject);
  });
}
