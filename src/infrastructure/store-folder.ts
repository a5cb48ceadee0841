import envPaths from 'env-paths';

/** Where data goes when nobody says otherwise: the platform's data folder, `~/.local/share/codeloom` on Linux. */
export function defaultStoreFolder(): string {
  return envPaths('codeloom', { suffix: '' }).data;
}
