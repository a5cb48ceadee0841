import { CodeloomError } from '../../domain/errors.js';

/**
 * A list of numbers of rows, in its own order, as bytes: the difference of each to the one before, zigzag and in groups of seven bits, least first. The
 * partitions of a snapshot are a list of mostly neighbouring numbers, so this takes one to three bytes each.
 */
export function encodeNumbers(numbers: ArrayLike<number>): Uint8Array {
  let bytes = new Uint8Array(Math.max(16, numbers.length * 3));
  let length = 0;
  let previous = 0;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] ?? 0;
    const difference = number - previous;
    previous = number;
    // Multiplication, not shifts: row numbers may go beyond 31 bits.
    let rest = difference < 0 ? -difference * 2 - 1 : difference * 2;
    if (length + 10 > bytes.length) {
      const grown = new Uint8Array(bytes.length * 2);
      grown.set(bytes);
      bytes = grown;
    }
    while (rest > 127) {
      bytes[length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    bytes[length++] = rest;
  }
  return bytes.slice(0, length);
}

/** Reads what {@link encodeNumbers} wrote. Throws `store-corrupt` when it is cut off. */
export function decodeNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let previous = 0;
  for (let i = 0; i < bytes.length;) {
    let rest = 0;
    let weight = 1;
    for (;;) {
      const byte = bytes[i++];
      if (byte === undefined) throw new CodeloomError('store-corrupt', 'A stored list of rows is cut off.');
      rest += (byte & 127) * weight;
      if (byte < 128) break;
      weight *= 128;
    }
    previous += rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2;
    numbers.push(previous);
  }
  return numbers;
}
