/**
 * Keys of several texts. Their bytes have the order of the texts, part by part, by UTF-16 code units, so that LevelDB sorts as codeloom asks for, and any text
 * comes back as it was. A part is its code units, high byte first; 0000 FFFF stands for a NUL in it, 0000 0000 ends it.
 */
export function key(...parts: readonly string[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.concat([codeUnits(part), END])));
}

/** The parts of a key. */
export function partsOf(bytes: Buffer): string[] {
  const parts: string[] = [];
  let units: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = bytes.readUInt16BE(at);
    if (unit !== 0) {
      units.push(unit);
      continue;
    }
    at += 2;
    if (bytes.readUInt16BE(at) === 0xffff) {
      units.push(0);
      continue;
    }
    parts.push(text(units));
    units = [];
  }
  return parts;
}

/** The keys that begin with these parts. */
export function startingWith(...parts: readonly string[]): { gte: Buffer; lt: Buffer } {
  const first = key(...parts);
  return { gte: first, lt: behind(first) };
}

/** The keys that begin with these parts, and whose next part begins with `beginning`. */
export function continuing(parts: readonly string[], beginning: string): { gte: Buffer; lt: Buffer } {
  const first = Buffer.concat([key(...parts), codeUnits(beginning)]);
  return { gte: first, lt: behind(first) };
}

const END = Buffer.alloc(2 * 2);

function codeUnits(part: string): Buffer {
  return Buffer.from(part.replaceAll('\0', '\0\uffff'), 'utf16le').swap16();
}

function text(units: readonly number[]): string {
  let result = '';
  for (let start = 0; start < units.length; start += 1000) result += String.fromCharCode(...units.slice(start, start + 1000));
  return result;
}

/** The first bytes behind all that begin with these. */
function behind(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0xff) end--;
  const after = Buffer.from(bytes.subarray(0, end));
  after[end - 1] = (after[end - 1] ?? 0) + 1;
  return after;
}
