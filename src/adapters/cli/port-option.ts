import { InvalidArgumentError } from 'commander';

/** Reads the number of a port; 0 takes any that is free. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}
