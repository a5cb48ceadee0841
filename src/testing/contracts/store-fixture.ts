/** What a store's contract works with: an empty store, made afresh for every test. */
export interface StoreFixture<Store> {
  readonly store: Store;
  /** Another handle on the same data, as a second process would have; absent where the store is this process's own. */
  readonly another?: () => Promise<Store>;
  /** How much the store keeps: rows or keys, of every kind. With it the suite also checks that nothing is left of what was removed. */
  readonly size?: () => Promise<number>;
  /** Removes what the fixture made. The store and its other handles are closed by then. */
  readonly dispose?: () => Promise<void>;
}
