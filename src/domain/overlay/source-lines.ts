import type { Position } from '../file-facts.js';
import type { ScipEncoding } from '../scip/scip-index.js';

/** The lines of a text, and where places that others count in their ways are in it. */
export class SourceLines {
  readonly #lines: readonly { readonly text: string; readonly offset: number }[];

  constructor(text: string) {
    const lines: { text: string; offset: number }[] = [];
    let offset = 0;
    let start = 0;
    for (const end of text.matchAll(/\r\n|\r|\n|$/g)) {
      const line = text.slice(start, end.index);
      lines.push({ text: line, offset });
      offset += utf8Length(line) + end[0].length;
      start = end.index + end[0].length;
      if (end[0] === '') break;
    }
    this.#lines = lines;
  }

  /** The text of a line, from 0. */
  text(line: number): string {
    return this.#lines[line]?.text ?? '';
  }

  /** The place of a line and column from 0; undefined where the text has none. */
  position(line: number, column: number, encoding: ScipEncoding): Position | undefined {
    const found = this.#lines[line];
    if (found === undefined || column < 0) return undefined;
    const units = encoding === 'utf-8' ? unitsOfBytes(found.text, column) : encoding === 'utf-32' ? unitsOfCharacters(found.text, column) : column;
    if (units === undefined || units > found.text.length) return undefined;
    return { line: line + 1, column: units + 1, offset: found.offset + utf8Length(found.text.slice(0, units)) };
  }

  end(): Position {
    const last = this.#lines.length - 1;
    return this.position(last, this.text(last).length, 'utf-16') ?? { line: 1, column: 1, offset: 0 };
  }
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    // of a pair both halves count two
    length += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return length;
}

function unitsOfBytes(text: string, bytes: number): number | undefined {
  let counted = 0;
  let units = 0;
  for (const character of text) {
    if (counted >= bytes) break;
    counted += utf8Length(character);
    units += character.length;
  }
  return counted === bytes ? units : undefined;
}

function unitsOfCharacters(text: string, characters: number): number | undefined {
  let counted = 0;
  let units = 0;
  for (const character of text) {
    if (counted >= characters) break;
    counted++;
    units += character.length;
  }
  return counted === characters ? units : undefined;
}
