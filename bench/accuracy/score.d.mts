/** See score.mjs. A row is an object of a truth file or of an export. */
export function score(truthRows: readonly object[], graphRows: readonly object[]): Scores;

export interface Rates {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly right: number;
  readonly missed: number;
  readonly wrong: number;
}

export interface Scores {
  readonly definitions: Rates & { readonly otherKind: number; readonly byKind: Readonly<Record<string, Rates>>; readonly files: Rates };
  readonly calls: Omit<Rates, 'right'> & {
    readonly required: number;
    readonly found: number;
    readonly byVia: Readonly<Record<string, { readonly recall: number; readonly right: number; readonly missed: number }>>;
    readonly uncounted: Readonly<Record<string, number>>;
    readonly candidates: { readonly right: number; readonly wrong: number; readonly uncounted: number; readonly missedAmongCandidates: number };
  };
  readonly imports: Rates;
  readonly extends: Rates;
  readonly implements: Rates;
  readonly heritage: Rates;
  readonly missed: readonly { readonly kind: string; readonly category: string; readonly what: string; readonly amongCandidates?: boolean }[];
  readonly wrong: readonly { readonly kind: string; readonly category: string; readonly what: string }[];
}
