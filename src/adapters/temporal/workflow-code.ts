import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Where the workflows' code lies. */
export interface WorkflowCode {
  /** The bundle; `<bundle>.json` beside it says for which version of the SDK it was made. */
  readonly bundle: string;
  /** The module that is bundled when the worker starts, where the bundle is missing or made for another version. */
  readonly sources: string;
}

/** The same for a worker. Code that was made for one version of the SDK may not speak with another's. */
export async function codeFor({ bundle, sources }: WorkflowCode): Promise<{ readonly workflowBundle: { readonly codePath: string } } | { readonly workflowsPath: string }> {
  return await madeFor(bundle) === installedVersion() ? { workflowBundle: { codePath: bundle } } : { workflowsPath: sources };
}

async function madeFor(bundle: string): Promise<string | undefined> {
  try {
    const { sdk } = JSON.parse(await readFile(`${bundle}.json`, 'utf8')) as { readonly sdk?: string }; // written by the build
    return sdk;
  } catch {
    return undefined;
  }
}

function installedVersion(): string {
  const manifest = createRequire(import.meta.url)('@temporalio/worker/package.json') as { readonly version: string }; // of every package
  return manifest.version;
}
