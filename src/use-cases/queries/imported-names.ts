import { externalDeclaration, fileDeclaration, type Declaration } from '../../domain/explaining/declaration.js';
import { externalOfScip } from '../../domain/overlay/external-symbol.js';
import type { OverlayDefinition, OverlayFile } from '../../domain/overlay/overlay-file.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { openOverlays, readOverlayFiles, type OpenOverlay } from '../overlays.js';
import type { ListedFile } from '../source-listing.js';

/** What an imported index says of a name at a place. */
export interface ImportedName {
  /** `scip:` and the tool's name. */
  readonly source: string;
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly declarations: readonly Declaration[];
}

export interface ImportedNamesRequest {
  readonly snapshot: Snapshot;
  readonly files: readonly ListedFile[];
  readonly path: string;
  readonly line: number;
  /** All names of the line where it is absent. */
  readonly column?: number | undefined;
}

const LOCAL = 'local ';

/**
 * What the imported indexes of a snapshot say stands at a place, and where that is declared; in the order of the indexes, then of columns. Files that have changed since an index was
 * made are none of its any more.
 */
export async function importedNames(factStore: FactStore, request: ImportedNamesRequest, options: CallOptions): Promise<readonly ImportedName[]> {
  const { snapshot, files, path, line, column } = request;
  const found: ImportedName[] = [];
  for (const open of await openOverlays(factStore, snapshot.overlays ?? [], files, options)) {
    const own = open.entries.filter((entry) => entry[0] === path);
    for await (const file of readOverlayFiles(factStore, own, options)) {
      const places = placesIn(file, line, column);
      const declared = await definitionsOf(factStore, open, { file, symbols: new Set(places.map(({ symbol }) => symbol)) }, options);
      for (const { symbol, at } of places) {
        const outside = declared.has(symbol) ? undefined : externalOfScip(symbol);
        const declarations = outside === undefined ? (declared.get(symbol) ?? []) : [externalDeclaration(outside.package, outside.members)];
        const name = outside?.members.at(-1) ?? outside?.package ?? declarations[0]?.name.split('.').at(-1);
        // a reference says where it begins; how long it is, the name of what it means tells
        if (name !== undefined && (column === undefined || column <= at + name.length)) found.push({ source: open.overlay.source, name, path, line, column: at, declarations });
      }
    }
  }
  return found;
}

interface Place {
  readonly symbol: string;
  /** Column. */
  readonly at: number;
}

/** Definitions and references of a line that begin at a column or before it, by column. */
function placesIn({ definitions, references }: OverlayFile, line: number, column: number | undefined): readonly Place[] {
  const all = [
    ...definitions.filter(({ name }) => name.start.line === line).map(({ symbol, name }): Place => ({ symbol, at: name.start.column })),
    ...references.filter((reference) => reference.line === line).map(({ symbol, column: at }): Place => ({ symbol, at })),
  ];
  return all.filter(({ at }) => column === undefined || at <= column).sort((a, b) => a.at - b.at);
}

async function definitionsOf(
  factStore: FactStore, { entries }: OpenOverlay, { file, symbols }: { readonly file: OverlayFile; readonly symbols: ReadonlySet<string> }, options: CallOptions,
): Promise<ReadonlyMap<string, readonly Declaration[]>> {
  const found = new Map<string, Declaration[]>();
  const add = ({ path, definitions }: OverlayFile, local: boolean): void => {
    for (const definition of definitions) {
      if (symbols.has(definition.symbol) && definition.symbol.startsWith(LOCAL) === local) found.set(definition.symbol, [...found.get(definition.symbol) ?? [], declarationOf(definition, path)]);
    }
  };
  add(file, true);
  if ([...symbols].some((symbol) => !symbol.startsWith(LOCAL))) for await (const each of readOverlayFiles(factStore, entries, options)) add(each, false);
  return found;
}

function declarationOf({ kind, name, parents, displayName }: OverlayDefinition, path: string): Declaration {
  if (kind === 'file') return fileDeclaration(path);
  return { kind: kind ?? 'variable', name: [...parents, displayName].join('.'), path, line: name.start.line, column: name.start.column };
}
