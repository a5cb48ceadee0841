import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { CodeloomError } from '../errors.js';
import { LONE_SURROGATE, withoutUnwritable } from '../exporting/export-format.js';
import { SCIP_ENCODINGS, type ScipDocument, type ScipMetadata, type ScipOccurrence, type ScipPart, type ScipRange, type ScipRelationship, type ScipSymbol } from './scip-index.js';

/** Numbers of the fields that are read or written, by message (scip.proto). */
const INDEX = { metadata: 1, documents: 2, externals: 3 } as const;
const DOCUMENT = { path: 1, occurrences: 2, symbols: 3, language: 4, text: 5, encoding: 6 } as const;
const OCCURRENCE = { range: 1, symbol: 2, roles: 3, syntax: 5, enclosing: 7, singleLine: 8, multiLine: 9, singleLineEnclosing: 10, multiLineEnclosing: 11 } as const;
const SYMBOL = { symbol: 1, documentation: 3, relationships: 4, kind: 5, displayName: 6, signature: 7 } as const;
const RELATIONSHIP = { symbol: 1, reference: 2, implementation: 3 } as const;

/** One part as bytes; an index is the parts' bytes one behind the other, metadata first. */
export function encodeScipPart(part: ScipPart): Uint8Array {
  const writer = new BinaryWriter();
  switch (part.part) {
    case 'metadata': return message(writer, INDEX.metadata, () => writeMetadata(writer, part.metadata)).finish();
    case 'document': return message(writer, INDEX.documents, () => writeDocument(writer, part.document)).finish();
    case 'external': return message(writer, INDEX.externals, () => writeSymbol(writer, part.symbol)).finish();
  }
}

function message(writer: BinaryWriter, field: number, write: () => void): BinaryWriter {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  return writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  if (value !== '') writer.tag(field, WireType.LengthDelimited).string(withoutUnwritable(value, LONE_SURROGATE));
}

function number(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).int32(value);
}

function flag(writer: BinaryWriter, field: number, value: boolean): void {
  if (value) writer.tag(field, WireType.Varint).bool(true);
}

const UTF8 = 1;

function writeMetadata(writer: BinaryWriter, { tool, toolVersion, projectRoot }: ScipMetadata): void {
  message(writer, 2, () => {
    text(writer, 1, tool);
    text(writer, 2, toolVersion);
  });
  text(writer, 3, projectRoot);
  number(writer, 4, UTF8);
}

function writeDocument(writer: BinaryWriter, { path, language, occurrences, symbols, encoding, text: content }: ScipDocument): void {
  text(writer, DOCUMENT.path, path);
  for (const occurrence of occurrences) message(writer, DOCUMENT.occurrences, () => writeOccurrence(writer, occurrence));
  for (const symbol of symbols) message(writer, DOCUMENT.symbols, () => writeSymbol(writer, symbol));
  text(writer, DOCUMENT.language, language);
  if (content !== undefined) text(writer, DOCUMENT.text, content);
  number(writer, DOCUMENT.encoding, SCIP_ENCODINGS.indexOf(encoding));
}

/** The packed form of ranges is the one that every reader knows. */
function writeRange(writer: BinaryWriter, field: number, [startLine, startColumn, endLine, endColumn]: ScipRange): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  for (const value of startLine === endLine ? [startLine, startColumn, endColumn] : [startLine, startColumn, endLine, endColumn]) writer.int32(value);
  writer.join();
}

function writeOccurrence(writer: BinaryWriter, { range, symbol, roles, syntax, enclosing }: ScipOccurrence): void {
  writeRange(writer, OCCURRENCE.range, range);
  text(writer, OCCURRENCE.symbol, symbol);
  number(writer, OCCURRENCE.roles, roles);
  number(writer, OCCURRENCE.syntax, syntax);
  if (enclosing !== undefined) writeRange(writer, OCCURRENCE.enclosing, enclosing);
}

function writeSymbol(writer: BinaryWriter, { symbol, documentation, relationships, kind, displayName, signature }: ScipSymbol): void {
  text(writer, SYMBOL.symbol, symbol);
  for (const each of documentation) text(writer, SYMBOL.documentation, each);
  for (const each of relationships) {
    message(writer, SYMBOL.relationships, () => {
      text(writer, RELATIONSHIP.symbol, each.symbol);
      flag(writer, RELATIONSHIP.reference, each.reference);
      flag(writer, RELATIONSHIP.implementation, each.implementation);
    });
  }
  number(writer, SYMBOL.kind, kind);
  text(writer, SYMBOL.displayName, displayName);
  if (signature !== undefined) {
    message(writer, SYMBOL.signature, () => {
      text(writer, DOCUMENT.language, signature.language);
      text(writer, DOCUMENT.text, signature.text);
    });
  }
}

/** No document of a sane index is larger; a length above it is that of something else. */
const MAX_PART = 512 * 1024 * 1024;

/**
 * Reads an index as its bytes come in, a part at a time: what is held is one part. Fields that codeloom has no use for are skipped. Throws `invalid-index` where
 * the bytes are none, are cut short, or begin with something else than metadata.
 */
export async function* decodeScip(bytes: AsyncIterable<Uint8Array>): AsyncIterable<ScipPart> {
  const source = new PartSource(bytes[Symbol.asyncIterator]());
  let first = true;
  for (let tag = await source.varint(true); tag !== undefined; tag = await source.varint(true)) {
    const field = tag >>> 3;
    const wire = tag & 7;
    if (field === 0) throw invalid('a field has the number 0');
    if (wire === WireType.LengthDelimited) {
      const length = await source.varint(false) ?? 0;
      if (length > MAX_PART) throw invalid(`a part says that it has ${length} bytes`);
      const part = decodePart(field, await source.take(length));
      if (part !== undefined && first && part.part !== 'metadata') throw invalid('it does not begin with metadata');
      if (part !== undefined) first = false;
      if (part !== undefined) yield part;
    } else if (wire === WireType.Varint) await source.varint(false);
    else if (wire === WireType.Bit32) await source.take(4);
    else if (wire === WireType.Bit64) await source.take(8);
    else throw invalid(`a field has the wire type ${wire}`);
  }
  if (first) throw invalid('it has no metadata');
}

function invalid(what: string, cause?: unknown): CodeloomError {
  return new CodeloomError('invalid-index', `This is no SCIP index: ${what}.`, cause === undefined ? {} : { cause });
}

/** Bytes that come in pieces, handed out in the lengths that are asked for. */
class PartSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** Whether there is another byte. */
  async #more(): Promise<boolean> {
    while (this.#at >= this.#piece.length) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
      this.#at = 0;
    }
    return true;
  }

  /** A length or tag; undefined where the bytes end and may. */
  async varint(mayEnd: boolean): Promise<number | undefined> {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (!await this.#more()) {
        if (mayEnd && shift === 0) return undefined;
        throw invalid('it ends within a number');
      }
      const byte = this.#piece[this.#at++] ?? 0;
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw invalid('a number is too long');
  }

  async take(length: number): Promise<Uint8Array> {
    if (this.#piece.length - this.#at >= length) {
      const whole = this.#piece.subarray(this.#at, this.#at + length);
      this.#at += length;
      return whole;
    }
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (!await this.#more()) throw invalid(`it ends ${missing} bytes before the end of a part`);
      const part = this.#piece.subarray(this.#at, this.#at + missing);
      this.#at += part.length;
      missing -= part.length;
      parts.push(part);
    }
    // put together only when all of it has come: a length that lies takes no memory
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

function decodePart(field: number, bytes: Uint8Array): ScipPart | undefined {
  try {
    switch (field) {
      case INDEX.metadata: return { part: 'metadata', metadata: readMetadata(bytes) };
      case INDEX.documents: return { part: 'document', document: readDocument(bytes) };
      case INDEX.externals: return { part: 'external', symbol: readSymbol(bytes) };
      default: return undefined;
    }
  } catch (error) {
    if (error instanceof CodeloomError) throw error;
    throw invalid(`a part of it cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

/** Calls `read` for each field of a message; what it does not take is skipped. */
function fields(bytes: Uint8Array, read: (field: number, reader: BinaryReader, wire: WireType) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!read(field, reader, wire)) reader.skip(wire, field);
  }
}

function readMetadata(bytes: Uint8Array): ScipMetadata {
  const metadata = { tool: '', toolVersion: '', projectRoot: '' };
  fields(bytes, (field, reader, wire) => {
    if (wire !== WireType.LengthDelimited) return false;
    if (field === 3) metadata.projectRoot = reader.string();
    else if (field === 2) {
      fields(reader.bytes(), (inner, info, innerWire) => {
        if (innerWire !== WireType.LengthDelimited || (inner !== 1 && inner !== 2)) return false;
        if (inner === 1) metadata.tool = info.string();
        else metadata.toolVersion = info.string();
        return true;
      });
    } else return false;
    return true;
  });
  return metadata;
}

function readDocument(bytes: Uint8Array): ScipDocument {
  let [path, language, encoding] = ['', '', 0];
  let content: string | undefined;
  const occurrences: ScipOccurrence[] = [];
  const symbols: ScipSymbol[] = [];
  fields(bytes, (field, reader, wire) => {
    if (field === DOCUMENT.encoding && wire === WireType.Varint) encoding = reader.int32();
    else if (wire !== WireType.LengthDelimited) return false;
    else if (field === DOCUMENT.path) path = reader.string();
    else if (field === DOCUMENT.language) language = reader.string();
    else if (field === DOCUMENT.text) content = reader.string();
    else if (field === DOCUMENT.occurrences) {
      const occurrence = readOccurrence(reader.bytes());
      if (occurrence !== undefined) occurrences.push(occurrence);
    } else if (field === DOCUMENT.symbols) symbols.push(readSymbol(reader.bytes()));
    else return false;
    return true;
  });
  return { path, language, occurrences, symbols, encoding: SCIP_ENCODINGS[encoding] ?? 'unspecified', ...(content === undefined ? {} : { text: content }) };
}

/** Undefined for one whose range is none. */
function readOccurrence(bytes: Uint8Array): ScipOccurrence | undefined {
  let [symbol, roles, syntax] = ['', 0, 0];
  let range: ScipRange | undefined;
  let enclosing: ScipRange | undefined;
  fields(bytes, (field, reader, wire) => {
    if (field === OCCURRENCE.roles && wire === WireType.Varint) roles = reader.int32();
    else if (field === OCCURRENCE.syntax && wire === WireType.Varint) syntax = reader.int32();
    else if (wire !== WireType.LengthDelimited) return false;
    else if (field === OCCURRENCE.symbol) symbol = reader.string();
    else if (field === OCCURRENCE.range) range = packedRange(reader.bytes()) ?? range;
    else if (field === OCCURRENCE.enclosing) enclosing = packedRange(reader.bytes()) ?? enclosing;
    else if (field === OCCURRENCE.singleLine || field === OCCURRENCE.multiLine) range = typedRange(reader.bytes(), field === OCCURRENCE.singleLine);
    else if (field === OCCURRENCE.singleLineEnclosing || field === OCCURRENCE.multiLineEnclosing) enclosing = typedRange(reader.bytes(), field === OCCURRENCE.singleLineEnclosing);
    else return false;
    return true;
  });
  return range === undefined ? undefined : { range, symbol, roles, syntax, ...(enclosing === undefined ? {} : { enclosing }) };
}

function packedRange(bytes: Uint8Array): ScipRange | undefined {
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(reader.int32());
  const [line = -1, start = -1, third = -1, fourth] = values;
  return values.length === 3 ? [line, start, line, third] : values.length === 4 ? [line, start, third, fourth ?? -1] : undefined;
}

function typedRange(bytes: Uint8Array, single: boolean): ScipRange {
  const values = [0, 0, 0, 0, 0];
  fields(bytes, (field, reader, wire) => {
    if (wire !== WireType.Varint || field < 1 || field > 4) return false;
    values[field] = reader.int32();
    return true;
  });
  const [, line = 0, start = 0, third = 0, fourth = 0] = values;
  return single ? [line, start, line, third] : [line, start, third, fourth];
}

function readSymbol(bytes: Uint8Array): ScipSymbol {
  let [symbol, kind, displayName] = ['', 0, ''];
  let signature: ScipSymbol['signature'];
  const documentation: string[] = [];
  const relationships: ScipRelationship[] = [];
  fields(bytes, (field, reader, wire) => {
    if (field === SYMBOL.kind && wire === WireType.Varint) kind = reader.int32();
    else if (wire !== WireType.LengthDelimited) return false;
    else if (field === SYMBOL.symbol) symbol = reader.string();
    else if (field === SYMBOL.documentation) documentation.push(reader.string());
    else if (field === SYMBOL.displayName) displayName = reader.string();
    else if (field === SYMBOL.relationships) relationships.push(readRelationship(reader.bytes()));
    else if (field === SYMBOL.signature) {
      const { language, text: content = '' } = readDocument(reader.bytes());
      signature = { language, text: content };
    } else return false;
    return true;
  });
  return { symbol, documentation, relationships, kind, displayName, ...(signature === undefined ? {} : { signature }) };
}

function readRelationship(bytes: Uint8Array): ScipRelationship {
  let [symbol, reference, implementation] = ['', false, false];
  fields(bytes, (field, reader, wire) => {
    if (field === RELATIONSHIP.symbol && wire === WireType.LengthDelimited) symbol = reader.string();
    else if (field === RELATIONSHIP.reference && wire === WireType.Varint) reference = reader.bool();
    else if (field === RELATIONSHIP.implementation && wire === WireType.Varint) implementation = reader.bool();
    else return false;
    return true;
  });
  return { symbol, reference, implementation };
}
