/** One thing that was looked at, of this machine or of a server. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly advice?: string;
}
