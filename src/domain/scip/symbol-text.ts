/** Symbols as SCIP writes them: `<scheme> <manager> <package> <version> <descriptors>` (scip.proto, "Symbol"). */

export type DescriptorKind = 'namespace' | 'type' | 'term' | 'method' | 'type-parameter' | 'parameter' | 'meta' | 'macro';

export interface ScipDescriptor {
  readonly name: string;
  readonly kind: DescriptorKind;
  /** Of methods: tells those of the same name apart. */
  readonly disambiguator?: string;
}

export interface ScipSymbolName {
  readonly scheme: string;
  readonly manager: string;
  readonly package: string;
  readonly version: string;
  readonly descriptors: readonly ScipDescriptor[];
}

const SIMPLE = /^[\w+\-$]+$/;

/** A name as a descriptor holds it: between backticks unless it is simple. An empty one cannot be written and is taken for a blank. */
export function scipName(name: string): string {
  return SIMPLE.test(name) ? name : `\`${(name === '' ? ' ' : name).replaceAll('`', '``')}\``;
}

/** A part of the package: blanks are doubled; `.` stands for nothing. */
export function scipPackagePart(text: string): string {
  return text === '' ? '.' : text.replaceAll(' ', '  ');
}

export function isLocal(symbol: string): boolean {
  return symbol.startsWith('local ');
}

/** Reads a symbol that is not local; undefined for what the grammar does not have. */
export function parseScipSymbol(symbol: string): ScipSymbolName | undefined {
  const parts: string[] = [];
  let at = 0;
  for (let count = 0; count < 4; count++) {
    let part = '';
    for (; ; at++) {
      if (at >= symbol.length) return undefined;
      if (symbol[at] !== ' ') part += symbol[at] ?? '';
      else if (symbol[at + 1] === ' ') {
        part += ' ';
        at += 1;
      } else break;
    }
    at += 1;
    parts.push(part === '.' ? '' : part);
  }
  const descriptors = parseDescriptors(symbol.slice(at));
  const [scheme = '', manager = '', packageName = '', version = ''] = parts;
  return descriptors === undefined || scheme === '' ? undefined : { scheme, manager, package: packageName, version, descriptors };
}

const NAME = '(?:`((?:[^`]|``)+)`|([\\w+\\-$]+))';
const DESCRIPTOR = new RegExp(`${NAME}(?:([/#.:!])|\\(([\\w+\\-$]*)\\)\\.)|\\[${NAME}\\]|\\(${NAME}\\)`, 'y');
const KINDS: Readonly<Record<string, DescriptorKind>> = { '/': 'namespace', '#': 'type', '.': 'term', ':': 'meta', '!': 'macro' };

function parseDescriptors(text: string): ScipDescriptor[] | undefined {
  const descriptors: ScipDescriptor[] = [];
  for (DESCRIPTOR.lastIndex = 0; DESCRIPTOR.lastIndex < text.length; ) {
    const [found, escaped, plain, suffix, disambiguator, escapedType, plainType, escapedParameter, plainParameter] = DESCRIPTOR.exec(text) ?? [];
    if (found === undefined) return undefined;
    const name = (escaped ?? escapedType ?? escapedParameter)?.replaceAll('``', '`') ?? plain ?? plainType ?? plainParameter ?? '';
    if (suffix !== undefined) descriptors.push({ name, kind: KINDS[suffix] ?? 'meta' });
    else if (escapedType !== undefined || plainType !== undefined) descriptors.push({ name, kind: 'type-parameter' });
    else if (escapedParameter !== undefined || plainParameter !== undefined) descriptors.push({ name, kind: 'parameter' });
    else descriptors.push({ name, kind: 'method', ...(disambiguator === undefined || disambiguator === '' ? {} : { disambiguator }) });
  }
  return descriptors.length === 0 ? undefined : descriptors;
}
