/**
 * Rows in the format of `COPY … FROM STDIN (FORMAT binary)`: https://www.postgresql.org/docs/current/sql-copy.html. Numbers and bytes go over as they are, so that neither
 * side spells them out. Write the fields of a row in the order of the columns.
 */
export interface BinaryRows {
  /** How many rows there are. */
  readonly rows: number;
  /** Begins a row of so many fields. */
  row(fields: number): void;
  int4(value: number | null): void;
  int2(value: number): void;
  boolean(value: boolean | null): void;
  /** Must be free of NUL and of halves of surrogate pairs: see domain/stored-text.ts. */
  text(value: string | null): void;
  bytes(value: Uint8Array): void;
  int4Array(values: readonly number[]): void;
  /** Everything written so far, in chunks; no more can be written. */
  finish(): readonly Uint8Array[];
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const INT4 = 23;

export function createBinaryRows(): BinaryRows {
  let buffer = Buffer.allocUnsafe(1 << 16);
  let length = SIGNATURE.copy(buffer);
  let rows = 0;

  function room(bytes: number): void {
    if (length + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(grown, 0, 0, length);
    buffer = grown;
  }

  function int32(value: number): void {
    buffer.writeInt32BE(value, length);
    length += 4;
  }

  function absent(): void {
    room(4);
    int32(-1);
  }

  return {
    get rows() {
      return rows;
    },
    row(fields) {
      room(2);
      length = buffer.writeInt16BE(fields, length);
      rows++;
    },
    int4(value) {
      if (value === null) return absent();
      room(8);
      int32(4);
      int32(value);
    },
    int2(value) {
      room(6);
      int32(2);
      length = buffer.writeInt16BE(value, length);
    },
    boolean(value) {
      if (value === null) return absent();
      room(5);
      int32(1);
      length = buffer.writeUInt8(value ? 1 : 0, length);
    },
    text(value) {
      if (value === null) return absent();
      // No character takes more than three bytes for each of its code units.
      room(4 + value.length * 3);
      const bytes = buffer.write(value, length + 4, 'utf8');
      int32(bytes);
      length += bytes;
    },
    bytes(value) {
      room(4 + value.length);
      int32(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    int4Array(values) {
      room(24 + values.length * 8);
      int32(values.length === 0 ? 12 : 20 + values.length * 8);
      int32(values.length === 0 ? 0 : 1); // dimensions
      int32(0); // no nulls
      int32(INT4);
      if (values.length === 0) return;
      int32(values.length);
      int32(1); // the first has number 1
      for (const value of values) {
        int32(4);
        int32(value);
      }
    },
    finish() {
      room(2);
      length = buffer.writeInt16BE(-1, length);
      const chunks: Uint8Array[] = [];
      for (let start = 0; start < length; start += CHUNK) chunks.push(buffer.subarray(start, Math.min(length, start + CHUNK)));
      return chunks;
    },
  };
}

/** Bytes sent at once. */
const CHUNK = 1 << 18;
