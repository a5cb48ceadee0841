import type { Scores } from './score.mjs';

export interface Figures {
  readonly definitions: number;
  readonly imports: number;
  readonly heritage: number;
  readonly callsPrecision: number;
  readonly callsRecall: number;
}

export interface Package {
  readonly name: string;
  readonly registry: 'npm' | 'pypi';
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
  readonly paths: readonly string[];
}

export const packages: readonly Package[];
export const floor: Readonly<Record<string, Figures>>;

/** See registry.mjs. Resolves once the package is at hand, to what measures it. */
export function measurePackage(entry: Package): Promise<() => Promise<{ readonly figures: Figures; readonly missed: Scores['missed']; readonly wrong: Scores['wrong'] }>>;
