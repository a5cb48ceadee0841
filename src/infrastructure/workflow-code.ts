import { fileURLToPath } from 'node:url';
import type { WorkflowCode } from '../adapters/temporal/workflow-code.js';

/** Where the build puts the code of workflows: the same from the sources, the library and the bundled command. */
export function workflowCode(): WorkflowCode {
  const at = (path: string): string => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
  return { bundle: at('temporal/workflows.js'), sources: at('adapters/temporal/workflows.js') };
}
