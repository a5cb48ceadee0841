/** Small readers of the exported formats, by their specifications and not by how they are written here. */

/** The rows of a CSV text as in RFC 4180; an empty field without quotes is null. */
export function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const [, quoted, plain, end] = field.exec(text) ?? [];
    if (end === undefined) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? null : plain ?? null));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What an XML reader makes of an attribute or a text; throws at a character that XML 1.0 does not have. */
export function readXmlText(text: string): string {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) throw new Error('no character of XML');
  return text.replace(/&(#\d+|\w+);/g, (_, name: string) => (name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : ENTITIES[name] ?? `?${name}?`));
}

/** The text at the beginning of an expression in Cypher, with `+` between its parts. */
export function readCypherText(expression: string): string {
  const part = /'((?:[^'\\]|\\[^])*)'(?: \+ (?='))?/y;
  let value = '';
  for (let found = part.exec(expression); found !== null; found = part.exec(expression)) {
    value += (found[1] ?? '').replace(/\\(?:u([0-9a-f]{4})|([^]))/g, (_, code: string | undefined, escape: string) => (
      code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : { n: '\n', r: '\r', t: '\t' }[escape] ?? escape
    ));
    if (!found[0].endsWith(' + ')) break;
  }
  return value;
}
