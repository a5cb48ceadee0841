import { isUtf8 } from 'node:buffer';
import type { FactDiagnostic } from '../../domain/file-facts.js';

/** Source as UTF-8 bytes, with what there is to say about how it came; or the reason why it is no text. */
export type SourceText = { readonly bytes: Buffer; readonly diagnostics: readonly FactDiagnostic[] } | { readonly refused: FactDiagnostic };

/** As far as Git looks for a NUL when it tells binary files. */
const SNIFFED = 8_000;

/** Sniffs the encoding: UTF-8 (its own bytes, not copied), UTF-16 by its byte order mark (decoded), binary by a NUL near the start. */
export function sourceText(file: Uint8Array): SourceText {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const order = utf16Order(bytes);
  if (order !== undefined) return { bytes: fromUtf16(bytes.subarray(2), order), diagnostics: [{ code: 'encoding', message: 'The file is UTF-16; offsets count the bytes of its UTF-8 form.' }] };
  const nul = bytes.subarray(0, SNIFFED).indexOf(0);
  if (nul >= 0) return { refused: { code: 'binary', message: `The file is binary: byte ${nul} is NUL.` } };
  if (isUtf8(bytes)) return { bytes, diagnostics: [] };
  return { bytes, diagnostics: [{ code: 'encoding', message: 'The file is not valid UTF-8; what is not stands as U+FFFD.' }] };
}

/** Lines of a text; a last one without a newline counts. */
export function countLines(bytes: Uint8Array): number {
  let lines = bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? 1 : 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

function utf16Order(bytes: Buffer): 'little' | 'big' | undefined {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return undefined;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'big';
  // FF FE 00 00 would be UTF-32.
  return bytes[0] === 0xff && bytes[1] === 0xfe && !(bytes[2] === 0 && bytes[3] === 0) ? 'little' : undefined;
}

function fromUtf16(bytes: Buffer, order: 'little' | 'big'): Buffer {
  const little = order === 'little' ? bytes : Buffer.from(bytes).swap16();
  return Buffer.from(little.toString('utf16le'), 'utf8');
}
