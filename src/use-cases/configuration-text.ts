/**
 * The text of a configuration file: UTF-8, or UTF-16 where a byte order mark says so (editors of Windows write it). What is not valid comes as U+FFFD, for the file's own
 * reader to stumble over and tell of: a single bad byte in a comment is no reason to leave the file out.
 */
export function configurationText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
