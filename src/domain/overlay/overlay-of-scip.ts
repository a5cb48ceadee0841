import type { Range } from '../file-facts.js';
import type { NodeKind } from '../graph-node.js';
import { ROLE, type ScipDocument, type ScipEncoding, type ScipOccurrence, type ScipRange, type ScipSymbol } from '../scip/scip-index.js';
import { isLocal, parseScipSymbol, type ScipDescriptor } from '../scip/symbol-text.js';
import type { OverlayDefinition, OverlayFile, OverlayReference } from './overlay-file.js';
import { SourceLines } from './source-lines.js';

/** What a SCIP document says of a file with this text. `lost` counts occurrences that lie outside the text, or name a symbol that is none. */
export function overlayOfScip(document: ScipDocument, file: { readonly path: string; readonly blob: string; readonly text: string }): { readonly overlay: OverlayFile; readonly lost: number } {
  const lines = new SourceLines(file.text);
  const encoding = encodingOf(document);
  const language = languageOf(document.language, file.path);
  const said = new Map(document.symbols.map((symbol) => [symbol.symbol, symbol]));
  const definitions: OverlayDefinition[] = [];
  const references: OverlayReference[] = [];
  let lost = 0;
  for (const occurrence of document.occurrences) {
    const { symbol, roles } = occurrence;
    if (symbol === '') continue;
    const name = rangeOf(occurrence.range, lines, encoding);
    if (name === undefined || (!isLocal(symbol) && parseScipSymbol(symbol) === undefined)) {
      lost++;
      continue;
    }
    if ((roles & ROLE.definition) !== 0) {
      const text = name.start.line === name.end.line ? lines.text(name.start.line - 1).slice(name.start.column - 1, name.end.column - 1) : '';
      definitions.push(definitionOf(occurrence, { name, text, range: rangeOf(occurrence.enclosing, lines, encoding), said: said.get(symbol) }));
    } else if ((roles & ROLE.forwardDefinition) === 0) {
      const call = callAt(lines.text(name.end.line - 1), name, { symbol, language });
      references.push({ symbol, line: name.start.line, column: name.start.column, ...((roles & ROLE.import) === 0 ? {} : { import: true as const }), ...(call === undefined ? {} : { call }) });
    }
  }
  const range = { start: { line: 1, column: 1, offset: 0 }, end: lines.end() };
  return { overlay: { path: file.path, blob: file.blob, language, range, definitions, references }, lost };
}

/** Indexers that do not say count as the language they are written in does. */
function encodingOf({ encoding, language }: ScipDocument): ScipEncoding {
  return encoding !== 'unspecified' ? encoding : /^(go|rust|c|cpp|c\+\+)$/i.test(language) ? 'utf-8' : 'utf-16';
}

/** In small letters, as codeloom names its own; by the path's ending where nothing is said. */
function languageOf(language: string, path: string): string {
  const ending = /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? '';
  return (language === '' ? ending : language).toLowerCase() || 'unknown';
}

function rangeOf(range: ScipRange | undefined, lines: SourceLines, encoding: ScipEncoding): Range | undefined {
  if (range === undefined) return undefined;
  const start = lines.position(range[0], range[1], encoding);
  const end = lines.position(range[2], range[3], encoding);
  return start === undefined || end === undefined || end.offset < start.offset ? undefined : { start, end };
}

interface Definition {
  readonly name: Range;
  /** What stands there. */
  readonly text: string;
  readonly range: Range | undefined;
  readonly said: ScipSymbol | undefined;
}

function definitionOf(occurrence: ScipOccurrence, { name, text, range, said }: Definition): OverlayDefinition {
  const { symbol } = occurrence;
  const descriptors = parseScipSymbol(symbol)?.descriptors ?? [];
  const around = descriptors.slice(0, -1).filter(({ kind }) => kind === 'type' || kind === 'method' || kind === 'term' || kind === 'macro');
  const last = descriptors.at(-1);
  const kind = last === undefined ? undefined : kindOf({ last, around, kind: said?.kind ?? 0, name, range });
  const [doc] = (said?.documentation ?? []).flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '' && !line.startsWith('```'));
  const signature = said?.signature?.text.replace(/\s+/g, ' ').trim().slice(0, 200);
  return {
    symbol, name, displayName: said?.displayName !== undefined && said.displayName !== '' ? said.displayName : last?.name ?? text,
    parents: around.map((each) => each.name), parent: last === undefined ? '' : parentOf(symbol, last),
    implements: (said?.relationships ?? []).filter(({ implementation }) => implementation).map((each) => each.symbol),
    ...(range === undefined ? {} : { range }), ...(kind === undefined ? {} : { kind }),
    ...(doc === undefined ? {} : { doc: doc.trim() }), ...(signature === undefined || signature === '' ? {} : { signature }),
  };
}

/** The symbol without its last descriptor. */
function parentOf(symbol: string, { kind, disambiguator = '' }: ScipDescriptor): string {
  const end = kind === 'method' ? symbol.length - disambiguator.length - 3 : symbol.length - 1;
  if (kind === 'parameter' || kind === 'type-parameter') return '';
  const bare = symbol.slice(0, end);
  return bare.endsWith('`') ? bare.slice(0, openingBacktick(bare)) : bare.replace(/[\w+\-$]+$/, '');
}

function openingBacktick(text: string): number {
  let at = text.length - 2;
  for (; at > 0; at--) {
    if (text[at] !== '`') continue;
    if (text[at - 1] === '`') at--;
    else break;
  }
  return at;
}

/** Numbers of SymbolInformation.Kind. */
const INTERFACES: ReadonlySet<number> = new Set([21, 42, 53, 56]);
const ALIASES: ReadonlySet<number> = new Set([54, 55]);
const ENUM = 11;
const CONSTRUCTOR = 9;
const FUNCTION = 17;

function kindOf({ last, around, kind, name, range }: { readonly last: ScipDescriptor; readonly around: readonly ScipDescriptor[]; readonly kind: number; readonly name: Range; readonly range: Range | undefined }): NodeKind | undefined {
  const member = around.at(-1)?.kind === 'type';
  switch (last.kind) {
    case 'namespace':
    case 'meta':
      // a file or a package names itself at the file's beginning; a namespace has braces and thereby a range
      return name.start.offset === 0 ? 'file' : last.kind === 'namespace' && range !== undefined ? 'module' : undefined;
    case 'type': return INTERFACES.has(kind) ? 'interface' : kind === ENUM ? 'enum' : ALIASES.has(kind) ? 'type' : 'class';
    case 'method': return kind === CONSTRUCTOR || (member && /^<?(constructor|init)>?$/.test(last.name)) ? 'constructor' : member && kind !== FUNCTION ? 'method' : 'function';
    case 'macro': return 'function';
    case 'term': return kind === FUNCTION ? 'function' : member ? 'field' : 'variable';
    default: return undefined;
  }
}

/** Languages in which a class is called to construct. */
const CALLED_CLASSES: ReadonlySet<string> = new Set(['python', 'kotlin', 'scala', 'swift', 'dart']);
const ARGUMENTS = /^!?\s*(?:::)?(?:<[^<>()]*(?:<[^<>()]*>[^<>()]*)*>)?\s*\(/;

/** Whether what a reference names is called there, by what stands behind it on its line. */
function callAt(line: string, name: Range, { symbol, language }: { readonly symbol: string; readonly language: string }): 'call' | 'new' | undefined {
  const last = parseScipSymbol(symbol)?.descriptors.at(-1)?.kind;
  const constructs = /\bnew\s+(?:[\w$]+\s*\.\s*)*$/.test(line.slice(0, name.start.column - 1));
  if (!ARGUMENTS.test(line.slice(name.end.column - 1))) return undefined;
  if (last === 'type') return constructs || CALLED_CLASSES.has(language) ? 'new' : undefined;
  return last === 'method' || last === 'macro' ? (constructs ? 'new' : 'call') : undefined;
}
