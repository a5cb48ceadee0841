/**
 * How often a law is tried: CODELOOM_LAW_RUNS times `weight` where it is set (before a release, or by hand), else `usual`; CODELOOM_LAW_SEED repeats a failure, and
 * CODELOOM_LAW_PATH goes straight to the shrunk case that the failure names.
 */
export function lawParameters(usual: number, weight = 1): { readonly numRuns: number; readonly seed?: number; readonly path?: string; readonly endOnFailure?: boolean } {
  const { CODELOOM_LAW_RUNS: runs, CODELOOM_LAW_SEED: seed, CODELOOM_LAW_PATH: path } = process.env;
  return {
    numRuns: runs === undefined ? usual : Math.max(1, Math.round(Number(runs) * weight)),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  };
}
